"""``badc infer aggregate`` where a Prefect server is configured: a flow run with its artifacts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.prefect_api import PrefectApi

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "infer"
    folder.mkdir()
    for number, labels in enumerate((["OVEN", "COYE"], ["OVEN"], [])):
        payload = {
            "chunk_id": f"c{number}",
            "recording_id": "REC",
            "status": "ok" if labels else "no_detections",
            "detections": [{"label": label, "confidence": 0.5} for label in labels],
        }
        (folder / f"c{number}.json").write_text(json.dumps(payload))
    return folder


def _without_server() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}


def badc(folder: Path, environment: dict[str, str], *words: object) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "badc", *map(str, words)],
        cwd=folder,
        env={**_without_server(), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_flow_run_completes_and_publishes_species_counts_and_links(
    api: PrefectApi, results: Path, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    ended = badc(tmp_path, prefect_server, "infer", "aggregate", results, "--parquet", "t.parquet")
    assert ended.returncode == 0, ended.stderr
    assert "3 detections in 3 chunks (1 without any) of 1 recording." in ended.stdout
    assert ended.stderr == ""
    run = api.run_named(str(results))
    assert run["state_type"] == "COMPLETED"
    assert f"Prefect UI: {prefect_server['PREFECT_API_URL'].removesuffix('/api')}" in ended.stdout
    artifacts = api.artifacts_of(run)
    assert json.loads(artifacts["species"]["data"]) == [
        {"label": "OVEN", "detections": 2},
        {"label": "COYE", "detections": 1},
    ]
    assert "| Chunks without detections | 1 |" in artifacts["aggregate-counts"]["data"]
    assert (tmp_path / "t.parquet").as_uri() in artifacts["file-t-parquet"]["data"]
    assert {"file-summary-csv", "file-summary-effort-csv"} <= artifacts.keys()
    assert "rejected-files" not in artifacts


def test_a_flow_run_that_had_to_leave_files_out_fails_with_their_names(
    api: PrefectApi, results: Path, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    (results / "torn.json").write_text('{"chunk_id": ')
    ended = badc(tmp_path, prefect_server, "infer", "aggregate", results)
    assert ended.returncode == 1
    assert "torn.json" in ended.stdout
    assert ended.stderr.count("\n") == 1
    run = api.run_named(str(results))
    assert run["state_type"] == "FAILED"
    rejected = json.loads(api.artifacts_of(run)["rejected-files"]["data"])
    assert [row["file"] for row in rejected] == [str(results / "torn.json")]
    assert (tmp_path / "artifacts" / "aggregate" / "summary.csv").exists()


def test_a_flow_run_over_several_detectors_fails_unless_they_are_meant(
    api: PrefectApi, results: Path, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    payload = json.loads((results / "c0.json").read_text())
    (results / "c0.json").write_text(json.dumps(payload | {"runner": "hawkears"}))
    ended = badc(tmp_path, prefect_server, "infer", "aggregate", results)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "results of 2 detectors" in ended.stderr
    run = api.run_named(str(results))
    assert run["state_type"] == "FAILED"
    counts = api.artifacts_of(run)["aggregate-counts"]["data"]
    assert r"| hawkears \[settings not recorded\] | 1 | 1 |" in counts
    meant = badc(tmp_path, prefect_server, "infer", "aggregate", results, "--allow-mixed")
    assert meant.returncode == 0
    assert "results of 2 detectors" in meant.stderr


def test_bad_input_makes_no_flow_run(
    api: PrefectApi, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    ended = badc(tmp_path, prefect_server, "infer", "aggregate", tmp_path / "nowhere")
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: ")
    name = {"any_": [str(tmp_path / "nowhere")]}
    assert api.filter("flow_runs", flow_runs={"name": name}) == []


@pytest.mark.parametrize("configured", ["environment", "profile", "nothing"])
def test_without_an_answering_server_the_tables_are_made_all_the_same(
    results: Path, tmp_path: Path, configured: str
) -> None:
    home = tmp_path / "prefect home"
    home.mkdir()
    environment = {"PREFECT_HOME": str(home)}
    dead = "http://127.0.0.1:9/api"
    if configured == "environment":
        environment["PREFECT_API_URL"] = dead
    elif configured == "profile":
        profile = f'active = "x"\n[profiles.x]\nPREFECT_API_URL = "{dead}"\n'
        (home / "profiles.toml").write_text(profile)
    ended = badc(tmp_path, environment, "infer", "aggregate", results)
    assert ended.returncode == 0, ended.stderr
    assert ("no Prefect server answers" in ended.stderr) is (configured != "nothing")
    assert (tmp_path / "artifacts" / "aggregate" / "summary.csv").exists()
    assert not (home / "prefect.db").exists()
