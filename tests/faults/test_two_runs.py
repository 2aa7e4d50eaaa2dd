"""Two runs at once: over one output folder, and over one log."""

import json

_SLOW = "time.sleep(0.3); answer.write_text('[]')"
_WAITS = """
until = time.monotonic() + 400
while time.monotonic() < until and not Path('go').exists():
    time.sleep(0.05)
answer.write_text('[]')
"""


def test_two_runs_over_one_output_folder_both_finish_and_every_json_is_intact(
    badc, manifest, runner_script, results
):
    words = ["infer", "run", manifest(10), "--runner-cmd", runner_script(_SLOW)]
    runs = [badc.start(*words, "--telemetry-log", f"{name}.jsonl") for name in ("one", "two")]
    for run in runs:
        out, err = run.communicate(timeout=400)
        assert run.returncode == 0, out + err
        assert "Processed 10 of 10 chunks" in out
    assert len(results()) == 10
    assert all(result["detections"] == [] for result in results().values())
    assert [*(badc.folder / "artifacts" / "infer").rglob(".*")] == []


def test_what_another_runner_heard_meanwhile_is_not_replaced(
    badc, manifest, runner_script, starts, until, results
):
    command = runner_script("if '--wait' not in sys.argv: Path('go').touch()\n" + _WAITS)
    words = ["infer", "run", manifest(2), "--cpu-workers", "1", "--runner-cmd"]
    first = badc.start(*words, f"{command} --wait", "--telemetry-log", "one.jsonl")
    until(starts)  # the first has found the folder empty, and waits for the second to end
    second = badc(*words, command, "--telemetry-log", "two.jsonl")
    out, err = first.communicate(timeout=400)
    assert second.code == 0, second.all
    assert first.returncode == 1, out + err
    assert "another run has written the result of custom" in err
    made = {each["provenance"]["runner_settings"] for each in results().values()}
    assert made == {command}


def test_a_log_belongs_to_one_run_until_that_ends_in_whatever_way(
    badc, manifest, runner_script, starts, until, results
):
    log = badc.folder / "run.jsonl"
    words = [
        "infer", "run", manifest(3), "--runner-cmd", runner_script(_WAITS), "--telemetry-log", log,
    ]  # fmt: skip
    first = badc.start(*words)
    until(starts)
    second = badc(*words)
    assert second.code == 2, second.all
    (line,) = second.err.splitlines()
    assert line.startswith(f"Error: --telemetry-log: {log} is being written by another run.")
    assert "name another file" in line
    assert len(starts()) == 1
    first.kill()
    first.communicate()
    (badc.folder / "go").touch()
    third = badc(*words)
    assert third.code == 0, third.all
    assert len(results()) == 3
    for text in log.read_text().splitlines():
        json.loads(text)
