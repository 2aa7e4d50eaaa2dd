import json
import os
import signal
import time
from pathlib import Path

import pytest

OVEN = {"timestamp_ms": 500, "end_ms": 900, "label": "OVEN", "confidence": 0.9}
HEARS_OVEN = f"answer.write_text(json.dumps({{'detections': [{OVEN!r}]}}))"


def results(folder: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in folder.rglob("*.json")}


def summary_of(folder: Path) -> dict:
    (path,) = folder.rglob("*.summary.json")
    return json.loads(path.read_text())


def test_a_custom_runner_has_exactly_its_detection_in_the_final_json(badc, manifest, runner_script):
    ended = badc("infer", "run", manifest(3), "--runner-cmd", runner_script(HEARS_OVEN))
    assert ended.code == 0, ended.all
    heard = results(badc.folder / "artifacts" / "infer")
    assert sorted(heard) == ["c000", "c001", "c002"]
    for name, result in heard.items():
        assert result["detections"] == [OVEN]
        assert result["status"] == "ok"
        assert result["runner"] == "custom"
        assert result["chunk_id"] == name
    assert heard["c002"]["chunk"]["start_ms"] == 2000


def test_the_console_says_where_everything_is(badc, manifest):
    ended = badc("infer", "run", manifest(2), "--cpu-workers", 2)
    assert ended.code == 0, ended.all
    lines = ended.out.splitlines()
    log = next(line for line in lines if line.startswith("Telemetry log: ")).split(": ", 1)[1]
    assert log.startswith(str(badc.folder / "data" / "telemetry" / "infer" / "manifest_"))
    assert Path(log).is_file()
    assert f"Summary: {log}.summary.json" in lines
    assert f"Workers CSV: {log}.summary.json.workers.csv" in lines
    assert "No GPUs detected; running on CPU with 2 worker(s)." in lines
    assert any(line.startswith("Prefect UI: http://127.0.0.1") for line in lines)
    assert any("Processed 2 of 2 chunks" in line for line in lines)
    header = Path(f"{log}.summary.json.workers.csv").read_text().splitlines()[0]
    assert header == "worker,jobs,success,failure,retries,failed_retries"


def test_a_flaky_chunk_succeeds_at_its_third_attempt_and_counts_as_retried(
    badc, manifest, runner_script, starts
):
    command = runner_script(
        f"count = Path({str(badc.folder)!r}) / 'starts.log'\n"
        "if count.read_text().split().count(audio.stem) < 3:\n"
        "    print('no luck today', file=sys.stderr)\n"
        "    sys.exit(7)\n" + HEARS_OVEN
    )
    ended = badc("infer", "run", manifest(1), "--runner-cmd", command)
    assert ended.code == 0, ended.all
    assert starts() == ["c000"] * 3
    summary = summary_of(badc.folder)
    job = summary["jobs"]["REC/c000"]
    assert (job["status"], job["attempts"], job["retries"]) == ("success", 3, 2)
    assert summary["workers"]["cpu-0"] == {
        "success": 1,
        "failure": 0,
        "retries": 2,
        "failed_retries": 2,
    }
    row = next(line for line in ended.out.splitlines() if "cpu-0" in line)
    assert row.replace("│", " ").split() == ["cpu-0", "1", "0", "2", "2"]
    (log,) = (badc.folder / "data").rglob("*.jsonl")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event["status"] for event in events] == [
        "start",
        "failure",
        "start",
        "failure",
        "start",
        "success",
    ]
    assert events[1]["details"]["backoff_s"] == 2
    assert events[1]["details"]["returncode"] == 7
    assert "no luck today" in events[1]["details"]["stderr"]
    assert events[5]["details"]["attempt"] == 3


def test_a_failing_runner_ends_the_run_with_its_stderr_and_no_new_chunk(
    badc, manifest, runner_script, starts
):
    command = runner_script("print('the model is missing', file=sys.stderr)\nsys.exit(4)")
    ended = badc("infer", "run", manifest(12), "--runner-cmd", command, "--max-retries", 1)
    assert ended.code == 1
    assert "the model is missing" in ended.err
    assert "--resume-summary" in ended.err
    assert "Traceback" not in ended.all
    assert starts() == ["c000", "c000"]
    jobs = summary_of(badc.folder)["jobs"]
    assert jobs["REC/c000"]["status"] == "failure"
    assert {job["status"] for name, job in jobs.items() if name != "REC/c000"} == {"pending"}


def test_keep_going_goes_past_failed_chunks_and_reports_them(badc, manifest, runner_script, starts):
    command = runner_script("if audio.stem == 'c001': sys.exit(4)\n" + HEARS_OVEN)
    words = ["--runner-cmd", command, "--max-retries", 0, "--keep-going"]
    ended = badc("infer", "run", manifest(4), *words)
    assert ended.code == 1
    assert "1 of 4 chunks failed" in ended.err
    assert starts() == ["c000", "c001", "c002", "c003"]
    assert sorted(results(badc.folder / "artifacts")) == ["c000", "c002", "c003"]


@pytest.mark.parametrize(
    "lines",
    [
        "pass",
        "answer.write_text('')",
        "answer.write_text('{\"detections\": [')",
        "answer.write_bytes(bytes(range(256)))",
        "answer.write_text('{\"detections\": 3}')",
        'answer.write_text(\'[{"timestamp_ms": "soon"}]\')',
        "answer.mkdir()",
    ],
    ids=["nothing", "empty", "torn", "binary", "no list", "wrong type", "a folder"],
)
def test_exit_0_without_a_readable_answer_is_a_failed_attempt_and_is_retried(
    badc, manifest, runner_script, starts, lines
):
    command = runner_script(lines)
    ended = badc("infer", "run", manifest(1), "--runner-cmd", command, "--max-retries", 1)
    assert ended.code == 1
    assert starts() == ["c000", "c000"]
    assert results(badc.folder / "artifacts") == {}
    assert "Traceback" not in ended.all


def test_an_attempt_has_a_time_limit_and_leaves_no_process(
    badc, manifest, runner_script, processes_of
):
    command = runner_script(
        "import subprocess\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)"
    )
    words = ["--runner-cmd", command, "--max-retries", 0, "--timeout", 0.5]
    ended = badc("infer", "run", manifest(1), *words)
    assert ended.code == 1
    assert "was ended after 0.5 s" in ended.err
    assert processes_of() == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_ends_its_runners_and_writes_its_summary(
    badc, manifest, runner_script, starts, processes_of, number, code
):
    command = runner_script(f"if audio.stem != 'c000': time.sleep(600)\n{HEARS_OVEN}")
    process = badc.start("infer", "run", manifest(8), "--runner-cmd", command, "--cpu-workers", 2)
    wait_until(lambda: len(starts()) >= 3)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=180)
    assert process.returncode == code
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith(
        "Stopped. Type the same command again, or run again with"
    )
    assert processes_of() == []
    jobs = summary_of(badc.folder)["jobs"]
    assert jobs["REC/c000"]["status"] == "success"
    assert sum(job["status"] == "pending" for job in jobs.values()) == 7


@pytest.mark.parametrize("flag", [True, False], ids=["--resume-summary", "no flag"])
def test_a_killed_run_resumes_without_repeating_what_had_finished(
    badc, manifest, runner_script, starts, flag
):
    command = runner_script(f"time.sleep(0.05)\n{HEARS_OVEN}")
    words = ["infer", "run", manifest(60), "--runner-cmd", command, "--cpu-workers", 2]
    process = badc.start(*words)
    output = badc.folder / "artifacts" / "infer" / "REC"
    wait_until(lambda: output.is_dir() and len(list(output.glob("*.json"))) >= 30)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    finished = {path.stem for path in output.glob("*.json")}
    before = starts()
    (summary,) = (badc.folder / "data").rglob("*.summary.json")
    ended = badc(*words, *(["--resume-summary", summary] if flag else []))
    assert ended.code == 0, ended.all
    assert not finished & set(starts()[len(before) :])
    heard = results(output)
    assert len(heard) == 60
    assert all(result["detections"] == [OVEN] for result in heard.values())
    assert len(list(output.iterdir())) >= 60


def test_a_rerun_reports_finished_chunks_as_cached_unless_their_json_is_gone(
    badc, manifest, runner_script, starts
):
    words = ["infer", "run", manifest(3), "--runner-cmd", runner_script(HEARS_OVEN)]
    assert badc(*words).code == 0
    output = badc.folder / "artifacts" / "infer" / "REC"
    (output / "c000.json").unlink()
    (output / "c001.json").write_text('{"torn')
    assert badc(*words).code == 0
    assert starts() == ["c000", "c001", "c002", "c000", "c001"]
    assert badc(*words, "--rerun").code == 0
    assert starts()[5:] == ["c000", "c001", "c002"]
    other = [*words[:4], words[4] + " --model other"]
    refused = badc(*other)
    assert refused.code == 2
    assert "holds 3 results (REC/c000 and 2 more) of custom" in refused.err
    assert starts()[8:] == []
    replaced = badc(*other, "--replace")
    assert replaced.code == 0
    assert "Replacing 3 results" in replaced.err
    assert starts()[8:] == ["c000", "c001", "c002"]


def test_an_explicit_log_keeps_what_an_earlier_run_on_it_finished(badc, manifest, runner_script):
    stops = runner_script("if audio.stem == 'c002': sys.exit(1)\n" + HEARS_OVEN)
    words = ["infer", "run", manifest(4), "--telemetry-log", "run.jsonl", "--max-retries", 0]
    assert badc(*words, "--runner-cmd", stops).code == 1
    works = runner_script(HEARS_OVEN)
    ended = badc(*words, "--runner-cmd", works, "--resume-summary", "run.jsonl.summary.json")
    assert ended.code == 0, ended.all
    jobs = json.loads((badc.folder / "run.jsonl.summary.json").read_text())["jobs"]
    assert {job["status"] for job in jobs.values()} == {"success"}
    assert jobs["REC/c000"]["attempts"] == 1


def test_piped_output_has_no_escape_codes_and_whole_paths(badc, manifest):
    deep = badc.folder / ("a folder with a long name " * 4) / "out"
    ended = badc("infer", "run", manifest(1), "--output-dir", deep)
    assert ended.code == 0, ended.all
    assert "\x1b" not in ended.all
    assert str(deep) in ended.out


def test_without_a_server_and_a_writable_home_one_command_still_works(badc, manifest):
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        del badc.environment[name]
    ended = badc("infer", "run", manifest(2), HOME="/proc/nowhere", TMPDIR=str(badc.folder))
    assert ended.code == 0, ended.all
    assert "Prefect UI" not in ended.out
    assert len(results(badc.folder / "artifacts")) == 2


def wait_until(condition, limit_s: float = 180) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
