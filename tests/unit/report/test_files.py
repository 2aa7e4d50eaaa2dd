import csv
import json
import os

import duckdb
import pytest

from badc.errors import BadcError, UsageError
from badc.report.answers import Table
from badc.report.bundle import Wanted, default_prefix, write_bundle
from badc.report.counts import GROUPINGS, ask
from badc.report.database import VIEWS, write_database, write_exports
from badc.report.files import file_name, write_table
from badc.report.merge import count_doubles, find_tables, write_merged
from badc.report.overview import overview, write_overview
from badc.report.quicklook import quicklook, spark, write_quicklook
from badc.report.source import open_source

from .conftest import heard


def read(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_grouping_counts_every_detection_once(table):
    rows = [heard("A"), heard("A", recording_id="S"), heard('b, "c"\n')]
    with open_source(table(*rows)) as source:
        for grouping, query in GROUPINGS.items():
            found = ask(source, query)
            assert set(grouping.split(",")) < set(found.columns)
            assert sum(row[found.columns.index("detections")] for row in found.rows) == 3


def test_labels_with_commas_quotes_and_line_ends_come_back_from_csv(tmp_path):
    labels = ['a,b "c"', "line\nend", "a\rb", "c\r\nd", "Größe 鳥", "", "\t;"]
    path = write_table(tmp_path / "t.csv", Table(("label", "n"), [(each, 1) for each in labels]))
    assert [row["label"] for row in read(path)] == labels


def test_a_quicklook_writes_every_group_whatever_is_shown(table, tmp_path):
    rows = [heard(f"label {n}", recording_id=f"R{n}") for n in range(30)]
    with open_source(table(*rows)) as source:
        look = quicklook(source, top_labels=2, top_recordings=1)
    labels, recordings, chunks = write_quicklook(look, tmp_path / "q")
    assert [path.name for path in (labels, recordings, chunks)] == [
        "labels.csv",
        "recordings.csv",
        "chunks.csv",
    ]
    assert len(read(labels)) == len(read(recordings)) == len(read(chunks)) == 30
    assert len(look.label_sparks) == 2
    assert len(look.recording_sparks) == 1


def test_a_spark_is_as_high_as_its_count():
    assert spark([0, 1, 4, 8]) == " ▁▄█"
    assert spark([]) == ""
    assert spark([0, 0]) == "  "


def test_an_overview_writes_the_promised_files(table, tmp_path):
    rows = [heard("A"), heard("B", start_ms=1000, chunk_start_ms=120_000)]
    with open_source(table(*rows)) as source:
        written = write_overview(overview(source, 2), tmp_path / "out")
    names = ["labels.csv", "recordings.csv", "timeline.csv", "summary.json"]
    assert [path.name for path in written] == names
    assert json.loads(written[3].read_text()) == {
        "detections": 2,
        "label_count": 2,
        "recording_count": 1,
        "first_chunk_ms": 0,
        "last_chunk_ms": 120_000,
        "bucket_minutes": 2,
    }


def test_a_database_has_the_promised_table_and_views(table, effort, tmp_path):
    path = table(heard("A", label_name="Alder"), heard("B"), heard("B", recording_id="S"))
    effort(path, "R,3,2,180.0,1,North,")
    with open_source(path) as source:
        views = write_database(source, tmp_path / "new" / "d.duckdb", bucket_minutes=1)
    exports = write_exports(views, tmp_path / "csv")
    names = ["label_summary.csv", "recording_summary.csv", "timeline.csv"]
    assert [each.name for each in exports] == names
    with duckdb.connect(tmp_path / "new" / "d.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM detections").fetchall() == [(3,)]
        assert connection.execute("SELECT chunks, seconds FROM effort").fetchall() == [(3, 180.0)]
        columns = {
            view: [name for name, *_ in connection.execute(f"DESCRIBE {view}").fetchall()]
            for view in VIEWS
        }
        counted = connection.execute("SELECT label, detections FROM label_summary").fetchall()
    assert counted == [("B", 2), ("A", 1)]
    assert columns == {
        "label_summary": ["label", "label_name", "detections", "avg_confidence"],
        "recording_summary": ["recording_id", "detections", "avg_confidence"],
        "timeline_summary": ["bucket_index", "bucket_start_ms", "detections", "avg_confidence"],
    }


def test_without_effort_a_database_has_no_such_table(table, tmp_path):
    with open_source(table(heard())) as source:
        write_database(source, tmp_path / "d.duckdb")
    with duckdb.connect(tmp_path / "d.duckdb", read_only=True) as connection:
        assert ("effort",) not in connection.execute("SHOW TABLES").fetchall()


def test_an_old_database_survives_a_write_that_fails(table, tmp_path):
    path = table(*[heard(f"label {n}") for n in range(100)])
    old = tmp_path / "out" / "it's.duckdb"
    old.parent.mkdir()
    old.write_bytes(b"old")
    with pytest.raises(BadcError), open_source(path) as source:  # noqa: PT012
        os.truncate(path, 100)
        write_database(source, old)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_files_that_cannot_be_written_are_named(table, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.duckdb").mkdir()
    path = table(heard())
    with open_source(path) as source:
        with pytest.raises(BadcError, match="file"):
            write_quicklook(quicklook(source), tmp_path / "file")
        with pytest.raises(BadcError, match=r"folder\.duckdb"):
            write_database(source, tmp_path / "folder.duckdb")
        with pytest.raises(UsageError, match="Parquet itself"):
            write_database(source, path)


def test_a_bundle_stands_under_one_prefix(table, tmp_path):
    path = table(heard(), name="rec 1_detections.parquet")
    with open_source(path) as source:
        written = write_bundle(source, tmp_path / "b", default_prefix(path), 60, Wanted())
    assert sorted(each.name for each in (tmp_path / "b").iterdir()) == [
        "rec 1.duckdb",
        "rec 1_duckdb_exports",
        "rec 1_parquet_report",
        "rec 1_quicklook",
    ]
    assert all(each.is_file() for each in written)
    assert len(written) == 3 + 4 + 1 + 3


def test_every_report_works_without_rows(table, tmp_path):
    with open_source(table()) as source:
        write_bundle(source, tmp_path / "b", "p", 60, Wanted())
    assert read(tmp_path / "b" / "p_quicklook" / "labels.csv") == []
    summary = json.loads((tmp_path / "b" / "p_parquet_report" / "summary.json").read_text())
    assert summary["detections"] == 0
    assert summary["first_chunk_ms"] is None


def test_tables_named_for_detections_go_before_others(table, tmp_path):
    table(name="in/a_detections.parquet")
    table(name="in/other.parquet")
    assert [path.name for path in find_tables(tmp_path / "in")] == ["a_detections.parquet"]
    (tmp_path / "in" / "a_detections.parquet").unlink()
    assert [path.name for path in find_tables(tmp_path / "in")] == ["other.parquet"]
    for name in ("in/nothing", "in/other.parquet"):
        with pytest.raises(UsageError):
            find_tables(tmp_path / name)


def test_a_merge_gives_one_table_and_one_for_each_study_area(table, effort, tmp_path):
    first = table(
        heard("A", study_area="Fen / Creek"),
        heard("B", study_area=None),
        name="in/a_detections.parquet",
    )
    second = table(heard("C", study_area="all", recording_id="S"), name="in/b_detections.parquet")
    for path in (first, second):
        effort(path, "R,1,0,60,1,,")
    with open_source(first, second) as source:
        assert count_doubles(source) == 0
        write_merged(source, tmp_path / "out")
    counts = {
        path.name: [row["label"] for row in read(path)]
        for path in (tmp_path / "out").glob("*_detections.csv")
    }
    assert counts == {
        "all_detections.csv": ["A", "B", "C"],
        "all-2_detections.csv": ["C"],
        "Fen _ Creek_detections.csv": ["A"],
        "no_study_area_detections.csv": ["B"],
    }
    with open_source(tmp_path / "out" / "all_detections.parquet") as merged:
        assert merged.has_effort
        assert merged.value("SELECT count(*) FROM detection") == 3


def test_detections_in_two_tables_are_found(table):
    same = heard("A", source_path="c1.wav")
    paths = [table(same, heard("B"), name="a.parquet"), table(same, name="b.parquet")]
    with open_source(*paths) as source:
        assert count_doubles(source) == 1


def test_a_merge_into_the_folder_of_the_tables_is_refused(table, tmp_path):
    with open_source(table(heard(), name="in/a.parquet")) as source:
        with pytest.raises(UsageError, match="twice"):
            write_merged(source, tmp_path / "in" / ".." / "in")


def test_file_names_are_safe_and_stay_apart():
    taken: set[str] = set()
    names = [file_name(text, taken) for text in ("../x", "a/b", "A/B", "", "\0", "é" * 300)]
    assert len({name.casefold() for name in names}) == len(names)
    assert not any("/" in name or name.startswith(".") or "\0" in name for name in names)
    assert all(0 < len(name.encode()) <= 200 for name in names)
