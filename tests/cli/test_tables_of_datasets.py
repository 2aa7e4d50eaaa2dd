"""Places, local times and calls heard twice, by every door that makes a dataset's tables."""

import csv
import os
import subprocess
import sys
import wave
from pathlib import Path

import duckdb
import numpy as np
import pytest

RATE_HZ = 8_000
CLICKS_S = (1, 6, 11, 16)
HEARS = """\
import wave
import numpy as np
with wave.open(str(audio)) as file:
    samples = np.frombuffer(file.readframes(file.getnframes()), '<i2')
    starts = [round(1000 * int(at) / file.getframerate()) for at in np.flatnonzero(samples > 9999)]
answer.write_text(json.dumps([{'timestamp_ms': at, 'end_ms': at + 100, 'label': 'CLICK',
    'confidence': 0.9} for at in starts]))
"""
# Three of the four clicks lie where two chunks of 2.5 s overlap by 1.2 s
CUT = ("--chunk-duration", 2.5, "--overlap", 1.2)
WHERE_AND_WHEN = ("Willow", "WL-07", "2024-06-01T05:00:00-06:00")
COLUMNS = (
    "study_area, location, recording_date_time, detection_date_time, recording_id, chunk_id,"
    " absolute_time_ms, absolute_end_ms, label, confidence, merged_chunk_ids"
)


@pytest.fixture
def dataset(badc) -> Path:
    """A dataset of one recording of a recorder at a station; nothing is cut yet."""
    audio = badc.folder / "ds" / "audio" / "Willow" / "WL-07" / "WL7_20240601_050000.wav"
    audio.parent.mkdir(parents=True)
    samples = np.zeros(RATE_HZ * 20, "<i2")
    samples[[RATE_HZ * second for second in CLICKS_S]] = 20_000
    with wave.open(str(audio), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return badc.folder / "ds"


def rows(table: Path) -> list[tuple]:
    query = f"SELECT {COLUMNS} FROM '{table}' ORDER BY absolute_time_ms, chunk_id"  # noqa: S608
    return duckdb.sql(query).fetchall()


def bundled(dataset: Path) -> list[tuple]:
    return rows(dataset / "artifacts" / "aggregate" / "WL7_20240601_050000_detections.parquet")


def test_a_pipeline_tells_places_and_local_times_and_counts_no_call_twice(
    badc, dataset, runner_script
):
    words = ["pipeline", "run", "ds", "--runner-cmd", runner_script(HEARS), *CUT]
    ended = badc(*words, "--places", "station", "--timezone", "America/Edmonton")
    assert ended.code == 0, ended.all
    assert "3 rows merged: calls heard in two overlapping chunks" in ended.out
    assert "4 detections of 1 labels in 1 recordings" in ended.out
    found = bundled(dataset)
    assert [row[6] for row in found] == [1000 * second for second in CLICKS_S]
    assert {row[:3] for row in found} == {WHERE_AND_WHEN}
    assert found[-1][3] == "2024-06-01T05:00:16.000-06:00"
    with (dataset / "artifacts/aggregate/WL7_20240601_050000_detections_effort.csv").open() as file:
        (effort,) = csv.DictReader(file)
    assert (effort["study_area"], effort["location"]) == WHERE_AND_WHEN[:2]

    table = "ds/artifacts/aggregate/WL7_20240601_050000_detections.parquet"
    exported = badc(
        "report", "export", "--format", "wildtrax", "--parquet", table, "--output-dir", "out"
    )
    assert exported.code == 0, exported.all
    assert "lack location" not in exported.all
    (tags,) = (badc.folder / "out").iterdir()
    with tags.open() as file:
        assert {row["location"] for row in csv.DictReader(file)} == {"WL-07"}

    raw = badc("infer", "aggregate", "ds/artifacts/infer", "--parquet", "raw.parquet")
    assert raw.code == 0, raw.all
    assert len(rows(badc.folder / "raw.parquet")) == 7


def test_tables_are_made_anew_where_other_tables_are_asked_for_and_else_left(
    badc, dataset, runner_script, starts
):
    words = ["pipeline", "run", "ds", "--runner-cmd", runner_script(HEARS), *CUT]
    assert badc(*words, "--keep-doubles").code == 0
    assert [row[:2] for row in bundled(dataset)] == [(None, None)] * 7
    heard = len(starts())
    placed = badc(*words, "--places", "station", BADC_TIMEZONE="America/Edmonton")
    assert placed.code == 0, placed.all
    assert "Bundled WL7_20240601_050000: 4 detections (3 rows merged)" in placed.out
    assert {row[:3] for row in bundled(dataset)} == {WHERE_AND_WHEN}
    again = badc(*words, "--places", "station", BADC_TIMEZONE="America/Edmonton")
    assert again.code == 0, again.all
    assert "Bundled" not in again.out
    assert len(starts()) == heard


def test_what_no_table_could_be_made_with_is_refused_before_anything_is_cut(
    badc, dataset, runner_script
):
    words = ["pipeline", "run", "ds", "--runner-cmd", runner_script(HEARS)]
    for more, why in (
        (["--places", "none.toml"], "none.toml"),
        (["--timezone", "Mars"], "'Mars' is no time zone"),
        (["--keep-doubles", "--no-bundle"], "--keep-doubles: no table is made here"),
    ):
        ended = badc(*words, *more)
        assert ended.code == 2, ended.all
        assert why in ended.err
    assert [path.name for path in dataset.iterdir()] == ["audio"]


@pytest.mark.usefixtures("dataset")
def test_a_recording_that_fits_no_pattern_is_named(badc, runner_script):
    (badc.folder / "deep.toml").write_text('[places]\npatterns = ["{study_area}/SM/{location}"]\n')
    words = ["pipeline", "run", "ds", "--runner-cmd", runner_script(HEARS)]
    ended = badc(*words, "--places", "deep.toml")
    assert ended.code == 0, ended.all
    assert "Warning: 1 recordings without a place" in ended.err
    assert "(WL7_20240601_050000)" in ended.err
    assert "merged" not in ended.out  # chunks that do not overlap double nothing


def flow(badc, dataset: Path, hears: str, **tables: object) -> Path:
    """Run a night's flow in a process of its own; return its table."""
    program = (
        "from badc.orchestration import CutRequest, OrchestrateRequest, TableSettings\n"
        "from flows.orchestrate import orchestrate\n"
        f"request = OrchestrateRequest(dataset={str(dataset)!r}, runner='command',"
        f" runner_cmd={hears!r})\n"
        "cut = CutRequest(chunk_duration_s=2.5, overlap_s=1.2, settle_s=0)\n"
        f"orchestrate(request, cut=cut, report_too=True, tables=TableSettings(**{tables!r}))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=badc.folder,
        env={**badc.environment, "BADC_TIMEZONE": "America/Edmonton"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return dataset / "artifacts" / "aggregate" / "detections.parquet"


def test_nights_and_slurm_scripts_make_the_pipelines_rows(
    badc, dataset, runner_script, prefect_server
):
    hears = runner_script(HEARS)
    (badc.folder / "rules.toml").write_text(
        '[places]\npatterns = ["{study_area}/{location}/Data", "{study_area}/{location}"]\n'
        '[time]\ntimezone = "America/Edmonton"\n'
    )
    words = ["pipeline", "run", "ds", "--runner-cmd", hears, *CUT, "--places", "rules.toml"]
    ended = badc(*words)
    assert ended.code == 0, ended.all
    expected = bundled(dataset)
    assert len(expected) == 4
    assert {row[:3] for row in expected} == {WHERE_AND_WHEN}

    table = flow(badc, dataset, hears, places="../rules.toml")  # from the dataset
    assert rows(table) == expected
    made = table.stat()
    assert rows(flow(badc, dataset, hears, places="station")) == expected  # the site's zone
    assert table.stat().st_ino == made.st_ino  # the same rules by another name
    assert len(rows(flow(badc, dataset, hears, places="station", keep_doubles=True))) == 7
    assert table.stat().st_ino != made.st_ino

    planned = badc(
        "infer", "orchestrate", "ds", "--runner-cmd", hears, "--sockeye-script", "array.sh",
        "--sockeye-bundle", "--sockeye-bundle-aggregate-dir", "artifacts/array",
        "--places", "rules.toml", "--include-existing",
    )  # fmt: skip
    assert planned.code == 0, planned.all
    program = badc.folder / "bin" / "badc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m badc "$@"\n')
    program.chmod(0o755)
    environment = {
        **badc.environment,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "BADC_PREFECT_API_URL": prefect_server["PREFECT_API_URL"],
    }
    for script in (["array.sh", "0"], ["array_aggregate.sh"]):
        told = subprocess.run(
            ["bash", *script],
            cwd=badc.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
    tables = dataset / "artifacts" / "array"
    assert rows(tables / "detections.parquet") == expected
    assert rows(tables / "WL7_20240601_050000_detections.parquet") == expected
