"""Labels, names and links that mean harm, from a run to the tables and the page made of it."""

import csv
import json
import os
import stat
from pathlib import Path

import duckdb
import pytest

LABELS = [
    "<script>alert(1)</script>",
    "'; DROP TABLE detections;--",
    '"; DROP TABLE detections;--',
    "](javascript:alert(1))",
    "| a | b |",
    "=cmd|' /C calc'!A0",
    "$(touch owned)",
    "[red]x[/nope]",
    "esc\x1b]0;owned\x07\x1b[2J",
    "../../../owned",
]
# Odd in each way that a name may be; none of it is a path
RECORDING = "$(touch owned) `touch owned`;'\"<script>[red]x"


@pytest.fixture
def dataset(manifest):
    """A manifest of three chunks of a recording that is called something unpleasant."""
    manifest(3, RECORDING, "$(touch owned).csv")


@pytest.fixture
def closed_umask():
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("dataset", "closed_umask")
def test_words_that_mean_harm_stay_words(badc, runner_script, tmp_path):
    command = runner_script(
        f"answer.write_text(json.dumps([dict(label=label, confidence=0.5, timestamp_ms=0, end_ms=9)"
        f" for label in {LABELS!r}]))\n"
        "print(os.stat(answer.parent).st_mode & 0o777)"
    )
    theirs, link = tmp_path / "theirs.json", tmp_path / "out" / RECORDING / "c000.json"
    theirs.write_text("theirs")
    link.parent.mkdir(parents=True)
    link.symlink_to(theirs)
    ended = badc(
        "infer", "run", "$(touch owned).csv", "--runner-cmd", command, "--output-dir", "out",
        "--telemetry-log", "run;touch owned.jsonl", TMPDIR=str(tmp_path),
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert theirs.read_text() == "theirs"
    assert not link.is_symlink()
    _check_permissions(tmp_path)

    tables = ("--output", "t.csv", "--parquet", "t.parquet", "--database", "t.duckdb")
    ended = badc("infer", "aggregate", "out", *tables)
    assert ended.code == 0, ended.all
    with (tmp_path / "t.csv").open(newline="") as stream:
        assert sorted(row["label"] for row in csv.DictReader(stream)) == sorted(LABELS * 3)
    with duckdb.connect(tmp_path / "t.duckdb", read_only=True) as connection:
        found = connection.execute("SELECT DISTINCT label FROM detections").fetchall()
    assert {label for (label,) in found} == set(LABELS)

    for words in (
        ("duckdb", "--database", "report.duckdb"),
        ("html", "--output", "page.html"),
    ):
        ended = badc("report", *words, "--parquet", "t.parquet")
        assert ended.code == 0, ended.all
    page = (tmp_path / "page.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not [path for path in tmp_path.rglob("*") if path.name == "owned"]
    assert not (tmp_path.parent / "owned").exists()


def _check_permissions(folder: Path) -> None:
    """What a run wrote is this user's alone, as the umask has it; its scratch has gone."""
    outputs = [*(folder / "out").rglob("*"), *folder.glob("run;touch*")]
    assert len(outputs) >= 7  # a folder, three JSON, the log, the summary and the workers' table
    for path in outputs:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    log = next(folder.glob("run;touch owned.jsonl"))
    events = [json.loads(line) for line in log.read_text().splitlines()]
    said = {each["details"]["stdout"].strip() for each in events if each["status"] == "success"}
    assert said == {str(0o700)}
    assert not list(folder.glob("badc-*"))


def test_an_error_shows_what_would_steer_a_terminal(offline_badc):
    ended = offline_badc("infer", "run", "x\x1b]0;owned\x07[red].csv")
    assert ended.code == 2
    assert r"x\x1b]0;owned\x07[red].csv: no such manifest" in ended.err


@pytest.mark.usefixtures("dataset")
def test_a_cut_that_says_markup_of_itself_is_listed(offline_badc, tmp_path):
    (tmp_path / "manifests").mkdir()
    for name, status in (("REC", "[/nope] \x1b[2J"), ("[b]", "completed")):
        chunks = tmp_path / "artifacts" / "chunks" / name
        chunks.mkdir(parents=True)
        (chunks / ".chunk_status.json").write_text(json.dumps({"status": status}))
        rows = f"recording_id,chunk_id,source_path\n{name},c,chunks/c000.wav\n"
        (tmp_path / "manifests" / f"{name}.csv").write_text(rows)
    ended = offline_badc(
        "infer", "orchestrate", tmp_path, "--allow-partial-chunks", "--runner=stub"
    )
    assert ended.code == 0, ended.all
    assert r"[/nope] \x1b[2J" in ended.out
    assert "[b]" in ended.out
