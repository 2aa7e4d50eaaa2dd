"""``--chunks-per-task``: one task run for several chunks, each with all that a chunk has."""

import json
import signal
import time
from collections import Counter

ANSWER = "answer.write_text('[]')"


def jobs_of(badc, log="run.jsonl"):
    jobs = json.loads((badc.folder / f"{log}.summary.json").read_text())["jobs"]
    return {job["chunk_id"]: (job["status"], job["attempts"]) for job in jobs.values()}


def test_chunks_that_fail_go_on_alone_and_the_others_are_heard_once(
    badc, manifest, runner_script, starts, api
):
    lines = (
        "if audio.stem == 'c003' and not Path('once').exists():\n"
        "    Path('once').touch()\n"
        "    sys.exit('not today')\n"
        "if audio.stem == 'c007':\n"
        "    sys.exit('never')\n" + ANSWER
    )
    words = [
        "infer", "run", manifest(12), "--runner-cmd", runner_script(lines), "--cpu-workers", 1,
        "--chunks-per-task", 5, "--max-retries", 1, "--telemetry-log", "run.jsonl", "--keep-going",
    ]  # fmt: skip
    ended = badc(*words)
    assert ended.code == 1, ended.all
    assert "1 of 12 chunks failed" in ended.err
    assert "REC/c007" in ended.err
    once = dict.fromkeys((f"c{number:03d}" for number in range(12)), ("success", 1))
    assert jobs_of(badc) == once | {"c003": ("success", 2), "c007": ("failure", 2)}
    assert sorted(starts()) == sorted([*once, "c003", "c007"])
    results = list((badc.folder / "artifacts" / "infer").rglob("*.json"))
    assert {path.stem for path in results} == set(once) - {"c007"}
    runs = {each["name"]: each for each in api.task_runs(api.run_announced(ended.out), 5)}
    assert runs.keys() == {
        "REC/c000 … REC/c004 (5 chunks)", "REC/c005 … REC/c009 (5 chunks)",
        "REC/c010 … REC/c011 (2 chunks)", "REC/c003", "REC/c007",
    }  # fmt: skip
    assert runs["REC/c007"]["state_name"] == "Failed"
    events = [json.loads(line) for line in (badc.folder / "run.jsonl").read_text().splitlines()]
    tried = [each["details"] for each in events if each["chunk_id"] == "c007"]
    assert [details["attempt"] for details in tried] == [1, 1, 2, 2]
    assert [details.get("backoff_s") for details in tried] == [None, 2.0, None, None]

    again = badc(*words, "--resume-summary", "run.jsonl.summary.json")
    assert again.code == 1, again.all
    assert starts()[14:] == ["c007"] * 2


def test_auto_gathers_short_chunks_and_shows_those_heard_before_one_by_one(badc, manifest, api):
    words = ["infer", "run", manifest(300), "--chunks-per-task", "auto", "--cpu-workers", 2]
    first = badc(*words)
    assert "Processed 300 of 300 chunks" in first.out, first.all
    assert len(list((badc.folder / "artifacts" / "infer").rglob("*.json"))) == 300
    run = api.run_announced(first.out)
    carried = api.filter("task_runs", flow_runs={"id": {"any_": [run["id"]]}})
    assert len(carried) < 100
    again = badc(*words)
    assert "Processed 300 of 300 chunks" in again.out, again.all


def test_a_run_broken_off_in_mid_batch_repeats_nothing_that_was_finished(
    badc, manifest, runner_script, starts
):
    # the tenth chunk waits for the end of the first run, however slow the machine is
    lines = f"if audio.stem == 'c010' and not Path('again').exists(): time.sleep(600)\n{ANSWER}"
    words = [
        "infer", "run", manifest(30), "--runner-cmd", runner_script(lines), "--cpu-workers", 1,
        "--chunks-per-task", 30, "--telemetry-log", "run.jsonl",
    ]  # fmt: skip
    process = badc.start(*words)
    output = badc.folder / "artifacts" / "infer"
    deadline = time.monotonic() + 180
    while len(list(output.rglob("c*.json"))) < 5:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=180)
    assert process.returncode == 130, err
    finished = {path.stem for path in output.rglob("c*.json")}
    assert 5 <= len(finished) < 30
    jobs = jobs_of(badc)
    assert {name for name, (status, _) in jobs.items() if status == "success"} == finished
    before = len(starts())
    (badc.folder / "again").touch()
    ended = badc(*words)
    assert ended.code == 0, ended.all
    assert sorted(starts()[before:]) == sorted(jobs.keys() - finished)
    assert {status for status, _ in jobs_of(badc).values()} == {"success"}


def test_a_worker_killed_in_mid_batch_costs_one_attempt_and_repeats_nothing(
    badc, manifest, runner_script, pretend_gpus, starts, api
):
    lines = (
        "if audio.stem == 'c004' and not Path('killed').exists():\n"
        "    Path('killed').touch()\n"
        "    while 'c004' not in Path('run.jsonl').read_text(): time.sleep(0.02)  # told by now\n"
        "    os.kill(os.getppid(), 9)  # the Dask worker's process\n"
        "    sys.exit()\n" + ANSWER
    )
    ended = badc(
        "infer", "run", manifest(16), "--runner-cmd", runner_script(lines), "--rerun",
        "--chunks-per-task", 8, "--telemetry-log", "run.jsonl", **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Processed 16 of 16 chunks" in ended.out
    events = [json.loads(line) for line in (badc.folder / "run.jsonl").read_text().splitlines()]
    unwritten = {each["chunk_id"] for each in events if each["details"].get("interrupted")}
    times = Counter(starts())
    assert times.keys() == {f"c{number:03d}" for number in range(16)}
    assert {name for name, count in times.items() if count > 1} == {"c004"} | unwritten
    attempts = {name: attempts for name, (_, attempts) in jobs_of(badc).items()}
    assert attempts == dict.fromkeys(attempts, 1) | {"c004": 2}
    runs = api.task_runs(api.run_announced(ended.out), 3)
    assert [each["state_type"] for each in runs] == ["COMPLETED"] * 3


def test_a_number_that_is_none_is_refused_in_one_line(offline_badc, manifest):
    listed = manifest(1)
    for word, told in (("some", "neither a whole number nor 'auto'"), ("0", "is below 1")):
        ended = offline_badc("infer", "run", listed, "--chunks-per-task", word)
        assert ended.code == 2
        assert told in ended.err
        assert "Traceback" not in ended.err
