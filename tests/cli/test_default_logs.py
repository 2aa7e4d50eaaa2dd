"""Default logs: each run has its own, and tells its own figures."""

import pytest

HEARS = "answer.write_text('[]')"


def last_line(out: str) -> str:
    (line,) = [line for line in out.splitlines() if line.startswith("Processed ")]
    return line


def test_runs_begun_at_once_have_each_their_own_log_and_figures(badc, manifest, runner_script):
    path, command = manifest(3), runner_script(HEARS)
    runs = [
        badc.start("infer", "run", path, "--runner-cmd", command, "--output-dir", f"o{number}")
        for number in range(4)
    ]
    logs = set()
    for number, run in enumerate(runs):
        out, err = run.communicate(timeout=400)
        assert run.returncode == 0, out + err
        told = "Processed 3 of 3 chunks: 3 heard, 0 already done"
        assert last_line(out) == f"{told}; JSON in {badc.folder}/o{number}"
        (log,) = [line for line in out.splitlines() if line.startswith("Telemetry log: ")]
        logs.add(log.removeprefix("Telemetry log: "))
    assert len(logs) == 4
    found = (badc.folder / "data" / "telemetry" / "infer").glob("*.jsonl")
    assert {str(path) for path in found} == logs


def test_a_rerun_in_which_all_was_done_says_so_in_one_line(badc, manifest, runner_script):
    words = ["infer", "run", manifest(2), "--runner-cmd", runner_script(HEARS)]
    assert badc(*words).code == 0
    again = badc(*words)
    told = f"Processed 2 of 2 chunks: 0 heard, 2 already done; JSON in {badc.folder}"
    assert last_line(again.out).startswith(told)
    assert "Worker" not in last_line(again.out)
    assert again.out.splitlines()[-1] == last_line(again.out)  # no table of nothing


def test_what_failed_and_what_is_left_is_told(badc, manifest, runner_script):
    command = runner_script(f"sys.exit(3) if audio.stem == 'c001' else {HEARS}")
    words = ["infer", "run", manifest(4), "--runner-cmd", command, "--max-retries", 0]
    ended = badc(*words, "--telemetry-log", "run.jsonl")
    assert ended.code == 1
    assert "Processed 1 of 4 chunks: 1 heard, 0 already done, 1 failed, 2 left; " in ended.out
    again = badc(*words, "--telemetry-log", "run.jsonl", "--keep-going")  # on the same log
    assert "Processed 3 of 4 chunks: 2 heard, 1 already done, 1 failed; " in again.out


@pytest.mark.parametrize("more", [["--output-dir", "manifest.csv"], ["--gpu-only"]])
def test_a_run_that_is_refused_leaves_nothing(badc, manifest, more):
    manifest(1)
    before = set(badc.folder.rglob("*"))
    assert badc("infer", "run", "manifest.csv", *more).code == 2
    assert set(badc.folder.rglob("*")) == before


def test_a_run_whose_server_is_not_there_leaves_nothing(offline_badc, manifest):
    manifest(1)
    before = set(offline_badc.folder.rglob("*"))
    assert offline_badc("infer", "run", "manifest.csv").code != 0
    assert set(offline_badc.folder.rglob("*")) == before


def test_a_run_that_cannot_begin_tells_no_figures_and_leaves_no_log(badc, manifest, runner_script):
    words = ["infer", "run", manifest(2), "--runner-cmd", runner_script(HEARS)]
    assert badc(*words, "--telemetry-log", "run.jsonl").code == 0
    nowhere = ["--scheduler-address", "tcp://127.0.0.1:9"]
    for more in (["--telemetry-log", "run.jsonl"], []):
        ended = badc(*words, *more, *nowhere, "--rerun")
        assert ended.code != 0
        assert "Processed" not in ended.out
        assert "Summary: " not in ended.out
    assert not (badc.folder / "data").exists()
