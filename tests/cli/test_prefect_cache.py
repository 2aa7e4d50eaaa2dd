"""Resuming as Prefect tells of it: its own engine says Cached, and names the stored result."""

import json
from collections import Counter
from pathlib import Path

import pytest

from badc.results import ResultKey

HEARS = "answer.write_text(json.dumps([{'timestamp_ms': 0, 'end_ms': 9, 'label': 'OVEN'}]))"


@pytest.fixture
def states(api):
    """How the task runs of a run ended, which a command's output announces."""

    def read(ended, count: int) -> tuple[Counter[str], list[ResultKey]]:
        assert ended.code == 0, ended.all
        runs = api.task_runs(api.run_announced(ended.out), count)
        keys = [ResultKey.parse(run["state"]["data"]["storage_key"]) for run in runs]
        return Counter(run["state"]["name"] for run in runs), keys

    return read


def test_the_engine_itself_says_cached_and_names_the_result(
    badc, manifest, runner_script, starts, states
):
    words = ["infer", "run", manifest(6), "--runner-cmd", runner_script(HEARS)]
    heard, keys = states(badc(*words), 6)
    assert heard == {"Completed": 6}
    assert len(starts()) == 6
    again, same = states(badc(*words), 6)
    assert again == {"Cached": 6}
    assert sorted(map(str, same)) == sorted(map(str, keys))
    output = badc.folder / "artifacts" / "infer" / "REC"
    for key in keys:
        result = json.loads((output / f"{key.chunk.chunk_id}.json").read_text())
        assert result["provenance"]["audio_sha256"].startswith(key.audio)
        assert result["provenance"]["runner_fingerprint"] == key.runner
    (output / "c001.json").unlink()
    (output / "c004.json").unlink()
    third, _ = states(badc(*words), 6)
    assert third == {"Cached": 4, "Completed": 2}
    assert len(starts()) == 8
    assert states(badc(*words, "--rerun"), 6)[0] == {"Completed": 6}


def test_a_dataset_and_a_resumed_summary_say_the_same(
    badc, manifest, runner_script, starts, states, api
):
    (badc.folder / "manifests").mkdir()
    manifest(6, name="manifests/REC.csv")
    words = ["infer", "orchestrate", ".", "--apply", "--runner-cmd", runner_script(HEARS)]
    assert badc(*words).code == 0
    output = badc.folder / "artifacts" / "infer" / "REC"
    for gone, expected in (((), {"Cached": 6}), (("c0", "c5"), {"Cached": 4, "Completed": 2})):
        for name in gone:
            (output / f"{name[0]}00{name[1]}.json").unlink()
        ended = badc(*words, "--include-existing")
        assert ended.code == 0, ended.all
        parent = api.run_announced(ended.out)
        (part,) = api.filter(
            "flow_runs", flow_runs={"parent_flow_run_id": {"any_": [parent["id"]]}}
        )
        runs = api.task_runs(part, 6)
        assert Counter(run["state"]["name"] for run in runs) == expected
    assert len(starts()) == 8
    log = badc.folder / "artifacts" / "telemetry" / "infer" / "REC.jsonl"
    resumed = badc(
        "infer", "run", "manifests/REC.csv", "--output-dir", "artifacts/infer", *words[-2:],
        "--resume-summary", f"{log}.summary.json",
    )  # fmt: skip
    assert states(resumed, 6)[0] == {"Cached": 6}


def test_many_that_are_done_are_one_task_run(badc, manifest, api):
    listed = manifest(120)
    assert badc("infer", "run", listed, "--chunks-per-task", 40).code == 0
    Path(badc.folder / "artifacts" / "infer" / "REC" / "c007.json").unlink()
    ended = badc("infer", "run", listed)
    assert ended.code == 0, ended.all
    runs = api.task_runs(api.run_announced(ended.out), 2)
    assert sorted(run["name"] for run in runs) == ["119 chunks already done", "REC/c007"]
