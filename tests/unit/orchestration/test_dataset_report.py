from dataclasses import replace
from pathlib import Path

from badc.orchestration import DatasetPlan, DatasetReport, OrchestrateRequest


def report_of(dataset: Path, failed: dict[str, str]) -> DatasetReport:
    broken = ((dataset / "manifests" / "torn.csv", "is no manifest."),)
    plan = DatasetPlan(dataset, (), (), broken, dataset / "artifacts" / "infer")
    return DatasetReport(OrchestrateRequest(dataset=dataset), plan, (), failed, "ended")


def test_a_recording_that_could_not_be_cut_counts_and_is_not_done(tmp_path):
    report = report_of(tmp_path, {"torn": "is no manifest.", "uncut": "is no audio."})
    assert str(report) == "0 of 2 recordings done, 2 not finished"
    told = report.markdown()
    assert "| uncut | is no audio. |" in told
    assert "All is done" not in told
    assert "'badc chunk orchestrate'" in told


def test_what_is_to_be_known_of_the_tables_stands_first(tmp_path):
    report = replace(report_of(tmp_path, {}), caution="This table holds *two*.")
    assert "## Before counting\n\nThis table holds \\*two\\*.\n" in report.markdown()
    assert "Before counting" not in report_of(tmp_path, {}).markdown()
