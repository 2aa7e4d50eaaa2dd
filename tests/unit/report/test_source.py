import os
from pathlib import Path

import duckdb
import pytest

from badc.errors import BadcError, UsageError
from badc.report.counts import LABELS, RECORDINGS, ask, count_totals, timeline
from badc.report.source import open_source

from .conftest import heard


def test_a_silent_chunk_of_an_older_table_is_no_detection(table):
    silent = dict.fromkeys(("timestamp_ms", "absolute_time_ms", "confidence", "end_ms"))
    path = table(
        heard("OVEN"),
        heard("", **silent, status="no_detections"),
        heard("unknown", **silent, status="no_detections"),
        heard("stub", **silent, status="stub"),
        heard("R", **silent, status=None) | {"label": None},
    )
    with open_source(path) as source:
        assert count_totals(source).detections == 1
        assert source.silent_chunks == 4
        assert [row[0] for row in ask(source, LABELS).rows] == ["OVEN"]


def test_a_detection_without_a_label_counts_as_unknown(table):
    with open_source(table(heard("  "), heard(None), heard("OVEN"))) as source:
        assert [row[:3] for row in ask(source, LABELS).rows] == [
            ("unknown", None, 2),
            ("OVEN", None, 1),
        ]


def test_confidences_that_are_no_numbers_do_not_spoil_the_mean(table):
    rows = [heard(confidence=value) for value in (0.5, float("nan"), float("inf"), None)]
    with open_source(table(*rows)) as source:
        assert ask(source, RECORDINGS).rows == [("R", 4, 0.5)]


def test_the_time_line_counts_from_the_recordings_start(table):
    path = table(
        heard(start_ms=0),
        heard(start_ms=59_999),
        heard(start_ms=60_000),
        heard(start_ms=None, chunk_start_ms=180_000),
        heard(start_ms=None, chunk_start_ms=None),
    )
    with open_source(path) as source:
        rows = [row[:3] for row in ask(source, timeline(1)).rows]
        assert rows == [(0, 0, 2), (1, 60_000, 1), (3, 180_000, 1)]


@pytest.mark.parametrize(
    "name",
    ["a b.parquet", "it's.parquet", 'q"[1]*?.parquet', "k=v/ä.parquet", "back\\n/[1]*.parquet"],
)
def test_paths_are_taken_as_they_are(table, effort, name):
    effort(table(heard(), heard(), name=name.replace("*", "x")), "R,9,0,540,2,,")
    path = table(heard(), name=name)
    effort(path, "R,1,0,60,1,,")
    with open_source(path) as source:
        assert count_totals(source).detections == 1
        assert source.connection.execute("SELECT chunks FROM effort").fetchall() == [(1,)]


def test_a_table_with_other_types_and_few_columns_is_read(tmp_path):
    path = tmp_path / "old.parquet"
    duckdb.execute(
        "COPY (SELECT 'R' AS recording_id, 'x' AS Label, 1000.4 AS timestamp_ms,"
        " 60000.0 AS chunk_start_ms, '0.5' AS confidence, 7 AS extra) TO $path (FORMAT parquet)",
        {"path": str(path)},
    )
    with open_source(path) as source:
        row = source.rows("SELECT label, absolute_time_ms, confidence, extra FROM detection")
        assert row == [("x", 61_000, 0.5, 7)]


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "text.parquet").write_text("recording_id,label\n")
    for name in ("missing.parquet", "empty.parquet", "text.parquet", "."):
        with pytest.raises(UsageError, match=name) as caught, open_source(tmp_path / name):
            pass
        assert "\n" not in str(caught.value)


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    duckdb.execute("COPY (SELECT 1 AS label) TO $path (FORMAT parquet)", {"path": str(path)})
    with pytest.raises(UsageError, match="recording_id"), open_source(path):
        pass


def test_of_several_tables_the_broken_one_is_named(table, tmp_path):
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(UsageError, match=r"b\.parquet"):
        with open_source(table(heard(), name="a.parquet"), tmp_path / "b.parquet"):
            pass


def test_a_table_that_breaks_off_in_the_middle_is_an_error(table):
    path = table(*[heard(f"label {n}") for n in range(50)])
    with pytest.raises(BadcError, match="cannot be read"), open_source(path) as source:  # noqa: PT012
        os.truncate(path, 10)
        count_totals(source)


def test_effort_is_read_from_beside_the_table(table, effort):
    path = table(heard())
    effort(path, "R,3,2,180.0,1,North,2026-05-10T05:00:00-07:00", "S,1,1,60,0,,")
    with open_source(path) as source:
        assert source.has_effort
        assert source.rows("SELECT recording_id, chunks, seconds FROM effort ORDER BY 1") == [
            ("R", 3, 180.0),
            ("S", 1, 60.0),
        ]


def test_effort_that_is_known_for_some_tables_only_counts_for_none(table, effort):
    first, second = table(heard(), name="a.parquet"), table(heard(), name="b.parquet")
    effort(first, "R,3,2,180.0,1,,")
    with open_source(first, second) as source:
        assert not source.has_effort
        assert source.rows("FROM effort") == []


def test_an_effort_table_that_is_none_is_named(table):
    path = table(heard())
    beside = path.with_name("detections_effort.csv")
    for content in ("a,b\n1,2\n", "recording_id,chunks,seconds\nR,many,1\n"):
        beside.write_text(content)
        with pytest.raises(UsageError, match=r"detections_effort\.csv"), open_source(path):
            pass


def test_a_name_that_is_not_utf_8_is_refused_in_one_line(table, tmp_path):
    path = table(heard())
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.parquet"))
    path.rename(odd)
    with pytest.raises(UsageError, match="UTF-8"), open_source(odd):
        pass
