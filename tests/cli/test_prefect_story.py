"""What the Prefect UI tells of a run: the same as the terminal, the files and the log."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from badc.telemetry import LogFollower, RunView, event_rows, worker_rows

FLAKY = """
starts = Path(__file__).with_name("starts.log").read_text().split()
if audio.stem in ("c003", "c007"):
    sys.exit("c003 and c007 are beyond hope")
if audio.stem in ("c001", "c008") and starts.count(audio.stem) == 1:
    print("the model stumbled", file=sys.stderr)
    sys.exit(7)
heard = [{"label": "OVEN"}] * 2 + [{"label": "a|b <i>"}]
answer.write_text(json.dumps(heard if audio.stem != "c000" else []))
"""


@pytest.fixture
def dataset(badc) -> str:
    """Makes the test's folder a dataset; returns what keys of artifacts end in."""
    (badc.folder / ".datalad").mkdir()
    return badc.folder.name.replace("_", "-").strip("-").lower()


def _console_counts(out: str) -> dict[str, list[int]]:
    rows = (line.replace("│", " ").split() for line in out.splitlines() if "cpu-" in line)
    return {row[0]: [int(cell) for cell in row[1:]] for row in rows if len(row) == 5}


def _reported(markdown: str) -> dict[str, float]:
    rows = re.findall(r"^\| ([^|]+) \| ([0-9.,]+) \|$", markdown, re.MULTILINE)
    return {name: float(figure.replace(",", "")) for name, figure in rows}


def test_terminal_files_log_and_artifacts_agree_on_every_count(
    badc, manifest, runner_script, dataset, api
):
    ended = badc(
        "infer", "run", manifest(10, name="Night 1.csv"), "--runner-cmd", runner_script(FLAKY),
        "--cpu-workers", 2, "--keep-going", "--max-retries", 1,
    )  # fmt: skip
    assert ended.code == 1, ended.all
    run = api.run_announced(ended.out)
    artifacts = api.artifacts_of(run)

    console = _console_counts(ended.out)
    assert [sum(column) for column in zip(*console.values(), strict=True)] == [10, 2, 2, 6]
    (log,) = badc.folder.rglob("*.jsonl")
    summary = json.loads(Path(f"{log}.summary.json").read_text())
    names = ("success", "failure", "retries", "failed_retries")
    by_summary = {label: [tally[n] for n in names] for label, tally in summary["workers"].items()}
    with Path(f"{log}.summary.json.workers.csv").open(newline="") as stream:
        by_csv = {row["worker"]: [int(row[n]) for n in names] for row in csv.DictReader(stream)}
    view = RunView(keep=30)
    for event in LogFollower(log).new_events():
        view.fold(event)
    shown = json.loads(artifacts[f"infer-workers-{dataset}"]["data"])
    columns = ("Success", "Fail", "Retry attempts", "Failed attempts")
    by_artifact = {row["GPU"]: [row[column] for column in columns] for row in shown}
    assert {label: [row[0] - row[1], *row[1:]] for label, row in console.items()} == by_summary
    assert by_summary == by_csv == by_artifact
    assert shown == json.loads(json.dumps(worker_rows(view)))
    told = json.loads(artifacts[f"infer-events-{dataset}"]["data"])
    assert told == json.loads(json.dumps(event_rows(view, 30)))

    progress = artifacts[f"infer-progress-{dataset}"]
    assert (progress["type"], float(progress["data"])) == ("progress", 100)
    assert progress["description"] == "8 of 10 chunks done, 2 failed"
    report = artifacts[f"infer-report-{dataset}"]["data"]
    figures = _reported(report)
    assert figures["Heard in this run"] == sum(row[0] for row in by_summary.values()) == 8
    assert (figures["Failed"], figures["Left"], figures["Failed attempts"]) == (2, 0, 6)
    assert figures["Retries of chunks that ended well"] == 2
    assert (figures["Detections"], figures["OVEN"]) == (21, 14)
    assert r"| a\|b \<i\> | 7 |" in report
    statuses = [job["status"] for job in summary["jobs"].values()]
    assert (statuses.count("success"), statuses.count("failure")) == (8, 2)
    assert "REC/c003" in report
    assert "REC/c007" in report

    assert run["name"] == f"Night 1 of {badc.folder.name}"
    assert {"command", badc.folder.name, os.uname().nodename} <= set(run["tags"])
    tasks = {each["name"]: each for each in api.task_runs(run, 10)}
    flaky, lost = tasks["REC/c001"], tasks["REC/c003"]
    assert re.fullmatch(r"cpu-\d, attempt 2, \d+\.\d s, 3 detections", flaky["state"]["message"])
    assert re.match(r"cpu-\d, attempt 2, \d+\.\d s: ", lost["state"]["message"])
    assert "0 detections" in tasks["REC/c000"]["state"]["message"]
    assert {each["tags"][0] for each in tasks.values()} == set(by_summary)
    assert {name for name, each in tasks.items() if each["tags"][1] == "attempt 2"} == {
        "REC/c001", "REC/c003", "REC/c007", "REC/c008",
    }  # fmt: skip
    log_text = api.log_of(run)
    assert log_text.count("the model stumbled") >= 2
    assert re.search(r"Failed in cpu-\d, attempt 1, .*exit status 7", log_text)


def test_a_run_that_is_broken_off_says_how_to_go_on_and_the_next_night_adds_to_its_history(
    badc, manifest, runner_script, dataset, api, starts
):
    waits = "flag = Path(__file__).with_name('go')\n"
    waits += "while audio.stem == 'c002' and not flag.exists(): time.sleep(0.1)\n"
    command = runner_script(f"{waits}answer.write_text('[]')")
    process = badc.start("infer", "run", manifest(4), "--runner-cmd", command, "--cpu-workers", 1)
    deadline = time.monotonic() + 180
    while "c002" not in starts():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 130, err
    first = api.run_announced(out)
    report = api.artifacts_of(first)[f"infer-report-{dataset}"]["data"]
    assert "**2 of 4 chunks done**, broken off by Ctrl-C." in report

    (badc.folder / "go").touch()
    (line,) = re.findall(r"```sh\n(.+)\n```", report)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    again = subprocess.run(
        ["sh", "-c", line],
        env={**badc.environment, "PATH": path},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert starts() == ["c000", "c001", "c002", "c002", "c003"]
    second = api.artifacts_of(api.run_announced(again.stdout))
    figures = _reported(second[f"infer-report-{dataset}"]["data"])
    assert (figures["Done before"], figures["Heard in this run"], figures["Left"]) == (2, 2, 0)
    key = {"key": {"any_": [f"infer-report-{dataset}"]}}
    assert len(api.filter("artifacts", artifacts=key)) == 2
    (latest,) = api.filter("artifacts/latest", artifacts=key)
    assert latest["latest_id"] == second[f"infer-report-{dataset}"]["id"]


def test_a_plain_folder_of_recordings_has_a_story_too_and_tags_from_outside_stay(
    badc, runner_script, dataset, api, tmp_path
):
    (tmp_path / ".datalad").rmdir()
    for name in ("A", "B"):
        (tmp_path / f"{name}.wav").write_bytes(b"sound")
        manifest = tmp_path / "manifests" / f"{name}.csv"
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text(f"recording_id,chunk_id,source_path\n{name},{name}-0,{name}.wav\n")
    command = runner_script(
        "if audio.stem == 'B': sys.exit('no B')\nanswer.write_text('[{\"label\": \"OVEN\"}]')"
    )
    script = tmp_path / "night.py"
    script.write_text(
        "from prefect import tags\n"
        "from badc.orchestration import OrchestrateRequest\n"
        "from flows.orchestrate import orchestrate\n"
        f"asked = {{'runner': 'command', 'runner_cmd': {command!r}, 'max_retries': 0}}\n"
        "with tags('nightly'):\n"
        "    orchestrate(OrchestrateRequest(**asked), return_state=True)\n"
    )
    subprocess.run([sys.executable, script], cwd=tmp_path, env=badc.environment, check=True)
    run = api.run_named(tmp_path.name)
    assert {"nightly", "command", tmp_path.name} <= set(run["tags"])
    artifacts = api.artifacts_of(run)
    assert float(artifacts[f"dataset-progress-{dataset}"]["data"]) == 100
    report = artifacts[f"dataset-report-{dataset}"]["data"]
    assert "**1 of 2 recordings done, 1 not finished**, ended." in report
    assert "| A | 1 | 1 | heard |" in report
    assert "| B | 1 | 1 | not finished |" in report
    assert "--apply --resume-completed" in report
    for name, state in (("A", "COMPLETED"), ("B", "FAILED")):
        part = api.run_named(f"{name} of {tmp_path.name}")
        assert part["state_type"] == state
        assert {"nightly", "command", tmp_path.name} <= set(part["tags"])
        (task_run,) = api.task_runs(part, 1)
        assert "nightly" not in task_run["tags"]
    table = api.artifacts_of(api.run_named(str(tmp_path / "artifacts" / "infer")))
    assert json.loads(table[f"species-{dataset}"]["data"]) == [{"label": "OVEN", "detections": 1}]
