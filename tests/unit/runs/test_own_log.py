"""A default log is nobody else's, and nothing is left of one whose run did not begin."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from badc.runs import InferRequest, decide, own_log
from badc.runs.paths import claim_log


@pytest.fixture
def request_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.wav").write_bytes(b"sound")
    (tmp_path / "m.csv").write_text("recording_id,chunk_id,source_path\nREC,c,c.wav\n")
    return InferRequest(manifest=Path("m.csv"), max_gpus=0)


def test_no_two_claim_one_log(tmp_path):
    with ThreadPoolExecutor(16) as threads:
        logs = list(threads.map(lambda _: claim_log(tmp_path / "logs", "REC"), range(64)))
    assert len(set(logs)) == 64
    assert set((tmp_path / "logs").iterdir()) == set(logs)


def test_a_log_of_a_run_that_did_not_begin_goes_with_its_folders(request_here, tmp_path):
    before = set(tmp_path.rglob("*"))
    with own_log(request_here, decide(request_here)) as plan:
        assert plan.telemetry_log.exists()
        assert plan.summary.name == f"{plan.telemetry_log.name}.summary.json"
    assert set(tmp_path.rglob("*")) == before


def test_a_log_of_a_run_that_began_stays_and_so_do_those_of_others(request_here):
    with own_log(request_here, decide(request_here)) as plan:
        other = claim_log(plan.telemetry_log.parent, "other")
    assert not plan.telemetry_log.exists()
    assert other.exists()
    with own_log(request_here, decide(request_here)) as plan:
        plan.summary.write_text("{}")
    assert plan.telemetry_log.exists()


def test_a_log_that_is_asked_for_is_left_to_its_run(request_here, tmp_path):
    asked = request_here.model_copy(update={"telemetry_log": tmp_path / "x" / "log.jsonl"})
    with own_log(asked, decide(asked)) as plan:
        assert plan.telemetry_log == tmp_path / "x" / "log.jsonl"
    assert not (tmp_path / "x").exists()
