import csv
import json
import signal
import time
from pathlib import Path

import duckdb
import pytest

NO_SERVER = {"PREFECT_API_URL": "", "PREFECT_HOME": "no such folder"}
OVEN = {"timestamp_ms": 500, "end_ms": 900, "label": "OVEN", "confidence": 0.9}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts" / "infer" / "REC_20200601_043000"
    folder.mkdir(parents=True)
    for number in range(3):
        payload = {
            "chunk_id": f"c{number}",
            "recording_id": folder.name,
            "status": "ok" if number else "no_detections",
            "detections": [OVEN] * number,
            "chunk": {"start_ms": 60_000 * number, "end_ms": 60_000 * (number + 1)},
            "source_path": f"Fen/WL-07/{folder.name}_chunks/c{number}.wav",
        }
        (folder / f"c{number}.json").write_text(json.dumps(payload))
    return folder.parent


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_defaults_of_the_manual(offline_badc, results):
    ended = offline_badc("infer", "aggregate", results)
    assert ended.code == 0, ended.all
    assert "3 detections in 3 chunks (1 without any) of 1 recording." in ended.out
    assert len(rows(offline_badc.folder / "artifacts/aggregate/summary.csv")) == 3
    effort = rows(offline_badc.folder / "artifacts/aggregate/summary_effort.csv")
    assert [(row["chunks"], row["silent_chunks"], row["seconds"]) for row in effort] == [
        ("3", "1", "180.0")
    ]


def test_the_query_of_the_manual(offline_badc, results, monkeypatch):
    parquet = "artifacts/aggregate/detections.parquet"
    assert offline_badc("infer", "aggregate", results, "--parquet", parquet).code == 0
    monkeypatch.chdir(offline_badc.folder)
    query = "SELECT label, count(*) FROM 'artifacts/aggregate/detections.parquet' GROUP BY 1"
    assert duckdb.sql(query).fetchall() == [("OVEN", 3)]


def test_broken_files_are_named_and_end_with_1_unless_allowed(offline_badc, results):
    (results / "torn.json").write_bytes(b'{"chunk_id"')
    (results / "list.json").write_bytes(b"[1, 2]")
    (results / "other.json").write_bytes(b'{"name": "no payload"}')
    ended = offline_badc("infer", "aggregate", results)
    assert ended.code == 1
    assert "other.json" in ended.out
    table = ended.out.partition("Rejected files")[2]
    assert "torn.json" in table
    assert "list.json" in table
    assert "Traceback" not in ended.err
    folder = offline_badc.folder / "artifacts/aggregate"
    assert len(rows(folder / "summary.csv")) == 3
    assert [Path(row["file"]).name for row in rows(folder / "summary.csv.rejected.csv")] == [
        "list.json",
        "torn.json",
    ]
    assert offline_badc("infer", "aggregate", results, "--allow-rejected").code == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nowhere"], "no such folder"),
        (["artifacts/infer", "--manifest", "none.csv"], "no such manifest"),
        (["artifacts/infer", "--places", "none.toml"], "aru-data"),
        (["artifacts/infer", "--timezone", "Nowhere"], "no time zone"),
        (["artifacts/infer", "--audio-dir", "nowhere"], "is no folder"),
        (["artifacts/infer", "--parquet", "artifacts/aggregate/summary.csv"], "one file"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_line(offline_badc, results, words, reason):
    assert results.exists()
    ended = offline_badc("infer", "aggregate", *words)
    assert ended.code == 2
    assert reason in ended.err
    assert ended.err.count("\n") == 1
    assert not (offline_badc.folder / "artifacts/aggregate").exists()


def test_an_empty_folder_is_a_warning_and_keeps_tables_that_are_there(offline_badc, tmp_path):
    (tmp_path / "empty").mkdir()
    ended = offline_badc("infer", "aggregate", "empty")
    assert ended.code == 0
    assert "Warning: " in ended.err
    summary = tmp_path / "artifacts/aggregate/summary.csv"
    assert rows(summary) == []
    summary.write_text("mine\n")
    ended = offline_badc("infer", "aggregate", "empty")
    assert (ended.code, summary.read_text()) == (0, "mine\n")
    assert "stay as they are" in ended.err


def test_an_output_that_cannot_be_written_ends_with_1_and_one_line(offline_badc, results):
    (offline_badc.folder / "taken").write_text("no folder")
    ended = offline_badc(
        "infer", "aggregate", results, "--output", "taken/summary.csv", **NO_SERVER
    )
    assert ended.code == 1
    assert ended.err.startswith("Error: taken/summary.csv: cannot be written")
    assert ended.err.count("\n") == 1


def test_where_and_when_are_in_the_rows(offline_badc, results):
    words = ("--places", "station", "--timezone", "America/Yellowknife")
    assert offline_badc("infer", "aggregate", results, *words).code == 0
    row = rows(offline_badc.folder / "artifacts/aggregate/summary.csv")[0]
    keys = ("study_area", "location", "recording_date_time", "detection_date_time")
    assert [row[key] for key in keys] == [
        "Fen",
        "WL-07",
        "2020-06-01T04:30:00-06:00",
        "2020-06-01T04:31:00.500-06:00",
    ]


def test_results_of_several_detectors_end_with_1_unless_meant(offline_badc, results):
    folder = results / "REC_20200601_043000"
    payload = json.loads((folder / "c0.json").read_text())
    payload |= {"runner": "stub", "status": "stub", "provenance": {"runner_fingerprint": "5f5f"}}
    (folder / "c0.json").write_text(json.dumps(payload))
    tables = offline_badc.folder / "artifacts/aggregate"
    ended = offline_badc("infer", "aggregate", results)
    assert ended.code == 1
    (error,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    for words in (
        "Error: artifacts/aggregate/summary.csv: holds results of 2 detectors or settings: ",
        "unknown [settings not recorded] (2 chunks of 1 recording, REC_20200601_043000); ",
        "stub [5f5f] (1 chunk of 1 recording, REC_20200601_043000); ",
        "more than one of them in 1 recording, REC_20200601_043000. ",
        "--allow-mixed",
    ):
        assert words in error
    assert "Detectors and settings" in ended.out
    assert len(rows(tables / "summary.csv")) == 3
    meant = offline_badc("infer", "aggregate", results, "--allow-mixed")
    assert meant.code == 0
    assert "Warning: artifacts/aggregate/summary.csv: holds results of 2 detectors" in meant.err
    (results / "torn.json").write_bytes(b'{"chunk_id"')
    assert offline_badc("infer", "aggregate", results, "--allow-mixed").code == 1
    assert offline_badc("infer", "aggregate", results, "--allow-rejected").code == 1


def test_the_stub_alone_is_told(offline_badc, results):
    for path in results.rglob("*.json"):
        payload = json.loads(path.read_text()) | {"runner": "stub", "status": "stub"}
        path.write_text(json.dumps(payload | {"detections": []}))
    ended = offline_badc("infer", "aggregate", results)
    assert ended.code == 0
    assert "Warning: every chunk went to the stub runner, which hears nothing.\n" in ended.err


def test_a_chunk_heard_by_two_runners_is_pointed_out(offline_badc, results):
    payload = json.loads((results / "REC_20200601_043000" / "c1.json").read_text())
    (results / "birdnet.json").write_text(json.dumps(payload | {"runner": "birdnet"}))
    ended = offline_badc("infer", "aggregate", results)
    assert ended.code == 1
    assert "1 chunk heard by more than one of them" in ended.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_leaves_nothing_behind(offline_badc, tmp_path, number, code):
    big = tmp_path / "big"
    big.mkdir()
    entries = json.dumps([OVEN] * 20_000)
    for each in range(12):
        ids = f'"chunk_id": "c{each}", "recording_id": "R", "status": "ok"'
        (big / f"c{each}.json").write_text(f'{{{ids}, "detections": {entries}}}')
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = offline_badc.start("infer", "aggregate", "big", TMPDIR=str(scratch), **NO_SERVER)
    deadline = time.monotonic() + 180
    while not any(scratch.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(number)
    out, err = process.communicate(timeout=180)
    assert process.returncode == code, out + err
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "artifacts").exists()


def test_meta_check_tells_what_can_be_read(offline_badc, tmp_path):
    for name in ("St 1/20200601_043000.WAV", "St 2/morning.wav"):
        path = tmp_path / "audio" / "Fen" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"RIFF" + bytes(range(100)))
    ended = offline_badc("meta", "check", "audio", "--timezone", "-07:00", "--output", "check.csv")
    assert ended.code == 1
    assert "1 of 2 recordings can be read." in ended.out
    assert "--places station: a location for 2 of them (St 1, St 2)" in ended.out
    found = {Path(row["file"]).name: row for row in rows(tmp_path / "check.csv")}
    assert found["20200601_043000.WAV"]["recording_date_time"] == "2020-05-31T21:30:00-07:00"
    assert found["morning.wav"]["fault"] == "no date and time in its name"
    ended = offline_badc("meta", "check", "audio/Fen/St 1", "--places", "station")
    assert (ended.code, "St 1" in ended.out, "Fen" in ended.out) == (0, True, True)
    (tmp_path / "silence").mkdir()
    assert offline_badc("meta", "check", "silence").code == 0
    assert offline_badc("meta", "check", "nowhere").code == 2
