"""Who listened, as far as a table and its effort know."""

import csv
import json
from pathlib import Path

import pytest

from badc.report.mixture import caution, detectors_of
from badc.report.source import open_source

from .conftest import heard


def told(*parquets: Path) -> str:
    with open_source(*parquets) as source:
        return caution(source)


def effort_of(parquet: Path, **detectors: object) -> None:
    """Write the effort of recordings, each of two chunks, with what it says of its detectors."""
    with parquet.with_name(f"{parquet.stem}_effort.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["recording_id", "chunks", "seconds", "stub_chunks", "detectors"])
        for name, listed in detectors.items():
            text = listed if isinstance(listed, str) else json.dumps(listed)
            writer.writerow([name, 0, 0.0, 2, text])


def one(runner: str, fingerprint: str | None, version: str | None = None) -> dict[str, object]:
    return {
        "runner": runner,
        "model_version": version,
        "runner_fingerprint": fingerprint,
        "chunks": 2,
    }


def test_silence_of_the_stub_is_found_in_the_effort_alone(table):
    path = table(heard(runner_fingerprint="a1"))
    assert told(path) == ""
    effort_of(path, R=[one("hawkears", "a1")], S=[one("stub", "5f")])
    assert "stub [5f] (2 chunks of 1 recording, S)" in told(path)
    assert "more than one" not in told(path)


@pytest.mark.parametrize("listed", [[one("stub", "5f")], "", "no JSON"])
def test_a_table_of_the_stub_alone_says_that_nothing_was_listened_to(table, listed):
    path = table()
    effort_of(path, S=listed)  # older efforts only count the stub's chunks
    assert "which hears nothing" in told(path)


def test_a_program_that_names_its_model_only_where_it_hears_something_is_one(table):
    first, second = table(name="a.parquet"), table(name="b.parquet")
    effort_of(first, R=[one("command", "a1", "V1")])
    effort_of(second, S=[one("command", "a1")])
    assert told(first, second) == ""


def test_older_tables_are_judged_by_their_rows(table):
    silent = {"label": "", "timestamp_ms": None, "confidence": None, "status": "no_detections"}
    path = table(heard(), heard() | silent | {"runner": "birdnet", "chunk_id": "c2"})
    with open_source(path) as source:
        assert [(each.runner, each.chunks) for each in detectors_of(source).found] == [
            ("birdnet", 1),
            ("hawkears", 1),
        ]


def test_a_table_of_nothing_needs_no_caution(table):
    assert told(table()) == ""


@pytest.mark.parametrize(
    "listed",
    ["[1]", "null", '{"a": 1}', '[{"runner": "a", "chunks": "x"}]', '[{"a": {}}]', "["],
)
def test_an_effort_of_another_hand_ends_no_report(table, listed):
    path = table(heard())
    effort_of(path, S=listed)
    assert isinstance(told(path), str)
