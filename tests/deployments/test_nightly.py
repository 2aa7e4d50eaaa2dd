"""A night, on SQLite and on PostgreSQL: deployed, scheduled, heard once, and nothing done twice."""

import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

pytestmark = pytest.mark.timeout(900)

_CUT = {"chunk_duration_s": 3, "settle_s": 0}


def test_the_deployments_are_there_and_the_next_nights_are_planned(site):
    listed = {each["name"]: each for each in site.api("deployments/filter", {})}
    assert set(listed) == {"infer", "aggregate", "nightly"}
    (schedule,) = listed["nightly"]["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == "0 2 * * *"
    planned = {
        "flow_runs": {
            "deployment_id": {"any_": [listed["nightly"]["id"]]},
            "state": {"type": {"any_": ["SCHEDULED"]}},
        }
    }
    site.until(lambda: site.api("flow_runs/filter", planned))
    for run in site.api("flow_runs/filter", planned):
        begins = datetime.fromisoformat(run["expected_start_time"])
        assert begins.astimezone(ZoneInfo("America/St_Johns")).hour == 2


def test_every_parameter_is_described_in_the_form(site):
    for deployment in site.api("deployments/filter", {}):
        schema = deployment["parameter_openapi_schema"]
        models = [schema, *schema.get("definitions", {}).values()]
        for model in models:
            for name, field in model["properties"].items():
                assert field.get("description"), (deployment["name"], name)
    request = {each["name"]: each for each in site.api("deployments/filter", {})}["nightly"]
    definitions = request["parameter_openapi_schema"]["definitions"]
    assert "birdnet" in definitions["OrchestrateRequest"]["properties"]["runner"]["enum"]
    assert definitions["CutRequest"]["properties"]["workers"]["minimum"] == 1
    assert "BADC_TIMEZONE" in definitions["TableSettings"]["properties"]["timezone"]["description"]


def test_a_night_hears_what_is_new_and_the_next_one_changes_nothing(
    site, tmp_path: Path, yellowthroat: Path
):
    station = tmp_path / "audio" / "Willow" / "WL-07"
    station.mkdir(parents=True)
    shutil.copy(yellowthroat, station / "20240601_113000.mp3")  # an AudioMoth's name, in UTC
    request = {"dataset": str(tmp_path), "runner": "birdnet"}
    asked = {"request": request, "cut": _CUT, "tables": {"places": "station"}}
    words = ("--params", json.dumps(asked))
    triggered = site.prefect("deployment", "run", "orchestrate/nightly", *words)
    assert triggered.returncode == 0, triggered.stdout + triggered.stderr
    (first,) = re.findall(r"UUID: (\S+)", triggered.stdout)
    assert site.ended(first)["state"]["type"] == "COMPLETED", site.log(first)
    log = site.log(first)
    assert "1 new recordings to cut, 0 cut before" in log
    assert "1 recordings heard, 0 done before, 0 not finished" in log
    table = tmp_path / "artifacts" / "aggregate" / "detections.parquet"
    heard = duckdb.sql(f"SELECT DISTINCT label_name FROM '{table}'").fetchall()  # noqa: S608
    assert heard == [("Common Yellowthroat",)]
    where = "study_area, location, recording_date_time"
    (told,) = duckdb.sql(f"SELECT DISTINCT {where} FROM '{table}'").fetchall()  # noqa: S608
    assert told == ("Willow", "WL-07", "2024-06-01T09:00:00-02:30")  # the site's BADC_TIMEZONE
    part = site.run_named(f"20240601_113000 of {tmp_path.name}")
    assert {"birdnet", tmp_path.name} <= set(part["tags"])
    assert (table.parent / "detections_quicklook" / "labels.csv").is_file()

    stood = _files(tmp_path)
    second = site.ask("orchestrate/nightly", asked)
    assert site.ended(second)["state"]["type"] == "COMPLETED", site.log(second)
    log = site.log(second)
    assert "0 new recordings to cut, 1 cut before" in log
    assert "0 recordings heard, 1 done before, 0 not finished" in log
    assert _files(tmp_path) == stood
    assert site.messages == []

    third = site.ask(
        "orchestrate/nightly", {**asked, "request": {**request, "include_existing": True}}
    )
    assert site.ended(third)["state"]["type"] == "COMPLETED", site.log(third)
    parts = {"parent_flow_run_id": {"any_": [third]}}
    named = {"flow_runs": parts, "flows": {"name": {"any_": ["infer"]}}}
    (again,) = site.api("flow_runs/filter", named)
    of_run = {"flow_runs": {"id": {"any_": [again["id"]]}}}
    site.until(lambda: len(site.api("task_runs/filter", of_run)) == 2)
    found = site.api("task_runs/filter", of_run)
    assert {each["state"]["name"] for each in found} == {"Cached"}, "by Prefect's own engine"


def test_a_night_that_ends_with_a_table_of_two_detectors_says_so_and_does_not_fail(
    site, tmp_path: Path, yellowthroat: Path
):
    (tmp_path / "audio").mkdir()
    shutil.copy(yellowthroat, tmp_path / "audio")
    request = {"dataset": str(tmp_path), "runner": "birdnet"}
    trial = tmp_path / "artifacts" / "infer" / "TRIAL" / "c0.json"
    trial.parent.mkdir(parents=True)
    stub = {"recording_id": "TRIAL", "chunk_id": "c0", "runner": "stub", "status": "stub"}
    trial.write_text(json.dumps(stub | {"detections": []}))
    for tables in ("new", "left as they are"):
        night = site.night(request, _CUT)
        assert site.ended(night)["state"]["type"] == "COMPLETED", site.log(night)
        log = site.log(night)
        assert ("Tables are left as they are" in log) == (tables != "new")
        wanted = {"artifacts": {"flow_run_id": {"any_": [night]}}}
        pages = [each for each in site.api("artifacts/filter", wanted) if each["key"]]
        (report,) = [each["data"] for each in pages if each["key"].startswith("dataset-report")]
        for told in (log, report.replace("\\", "")):
            assert "This table holds results of 2 detectors or settings: birdnet" in told
            assert "stub [settings not recorded] (1 chunk of 1 recording, TRIAL)" in told


def _files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return when each file and folder was last written, and which one it is."""
    stats = {path: path.stat() for path in (folder, *folder.rglob("*"))}
    return {path: (stat.st_mtime_ns, stat.st_ino) for path, stat in stats.items()}
