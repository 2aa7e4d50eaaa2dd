"""A message that Dask loses: the run notices, says what it waits for, and can be resumed."""

import json
from pathlib import Path

import pytest

# Python imports it at its start. In the process of badc itself, at the third message that tells of
# the end of a task, Dask loses that message, or all of its loop is stuck.
_TROUBLE = """
import os, sys, threading

if sys.orig_argv[1:3] == ["-m", "badc"]:
    from distributed.batched import BatchedSend

    ends, send = [], BatchedSend.send

    def losing(self, *messages):
        for message in messages:
            if isinstance(message, dict) and message.get("op") == "task-finished":
                ends.append(message)
                if len(ends) == 3 and os.environ["TROUBLE"] == "stuck":
                    threading.Event().wait()
                if len(ends) == 3:
                    continue
            send(self, message)

    BatchedSend.send = losing
"""


@pytest.fixture
def trouble(badc, tmp_path):
    """The environment of a ``badc`` whose Dask is in trouble."""
    folder = tmp_path / "trouble"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_TROUBLE)
    return {"PYTHONPATH": f"{folder}:{badc.environment['PYTHONPATH']}"}


@pytest.mark.parametrize("kind", ["lost", pytest.param("stuck", marks=pytest.mark.faults)])
def test_a_run_whose_message_is_lost_says_so_ends_and_is_resumed(
    badc, manifest, runner_script, starts, results, trouble, kind
):
    words = [
        "infer", "run", manifest(6), "--runner-cmd", runner_script("answer.write_text('[]')"),
        "--timeout", 5, "--cpu-workers", 1, "--telemetry-log", badc.folder / "run.jsonl",
    ]  # fmt: skip
    stuck = badc(*words, **trouble, TROUBLE=kind)
    assert stuck.code == 1, stuck.all
    assert "Traceback" not in stuck.all
    (line,) = [line for line in stuck.err.splitlines() if line.startswith("Error: No progress")]
    assert "The run waits for REC/c002 (ended in cpu-0, but its task run has not, for " in line
    summary = badc.folder / "run.jsonl.summary.json"
    assert line.endswith(f"What is done is kept; run again with --resume-summary {summary}.")
    jobs = json.loads(Path(summary).read_text())["jobs"].values()
    assert sorted(job["chunk_id"] for job in jobs if job["status"] == "success") == starts()
    assert len(starts()) == len(results()) == 3

    again = badc(*words)
    assert again.code == 0, again.all
    assert starts() == [f"c{number:03d}" for number in range(6)]
    assert len(results()) == 6
