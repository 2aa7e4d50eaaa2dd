import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from badc.aggregate import Aggregated, Request, aggregate
from badc.errors import BadcError, UsageError

GOOD = {"label": "OVEN", "timestamp_ms": 0, "end_ms": 10, "confidence": 0.5}
IDS = {"chunk_id": "bad", "recording_id": "R", "status": "ok"}


def entry(**fields: Any) -> Any:
    return IDS | {"detections": [GOOD | fields]}


BROKEN = {
    "empty": (b"", "empty"),
    "blank": (b" \n", "empty"),
    "truncated": (json.dumps(entry()).encode()[:-5], "not JSON"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "nul bytes": (bytes(128), "not JSON"),
    "not UTF-8": (b'{"chunk_id": "\xff"}', "not UTF-8"),
    "a bare list": ([GOOD], "a list"),
    "an empty list": ([], "a list"),
    "an empty object": ({}, "'detections'"),
    "nothing but ids": ({"chunk_id": "c1", "recording_id": "R"}, "'detections'"),
    "a number": (5, "no object"),
    "null": (None, "no object"),
    "two values": (b"{} {}", "not JSON"),
    "not a number": (b'{"detections": [{"confidence": NaN}]}', "NaN"),
    "detections are a text": (IDS | {"detections": "none"}, "'detections'"),
    "detections are an object": (IDS | {"detections": {"0": GOOD}}, "'detections'"),
    "detections are a count": (IDS | {"detections": 3}, "'detections'"),
    "detections are missing": (IDS, "'detections'"),
    "an entry is a text": (IDS | {"detections": [GOOD, "OVEN"]}, "is a text"),
    "an entry is a number": (IDS | {"detections": [GOOD, 7]}, "is a number"),
    "an entry is null": (IDS | {"detections": [None]}, "is null"),
    "an entry is a list": (IDS | {"detections": [[1, 2]]}, "is a list"),
    "confidence is a text": (entry(confidence="0.9"), "confidence"),
    "confidence is true": (entry(confidence=True), "confidence"),
    "confidence is above one": (entry(confidence=1.01), "confidence"),
    "confidence is negative": (entry(confidence=-0.1), "confidence"),
    "confidence is beyond numbers": (
        b'{"detections": [{"confidence": 1e999}]}',
        "too large a number",
    ),
    "time is a text": (entry(timestamp_ms="12"), "timestamp_ms"),
    "time is a list": (entry(timestamp_ms=[12]), "timestamp_ms"),
    "time is negative": (entry(timestamp_ms=-1), "timestamp_ms"),
    "time is huge": (entry(timestamp_ms=10**30), "timestamp_ms"),
    "end is before start": (entry(timestamp_ms=11), "ends"),
    "label is a number": (entry(label=5), "label"),
    "label code is a list": (entry(label_code=["OVEN"]), "label_code"),
    "label name is an object": (entry(label_name={}), "label_name"),
    "chunk id is a number": (entry() | {"chunk_id": 5}, "chunk_id"),
    "recording id is a list": (entry() | {"recording_id": ["R"]}, "recording_id"),
    "status is a number": (entry() | {"status": 1}, "status"),
    "status is a failure": (IDS | {"detections": [], "status": "error"}, "status"),
    "runner is a number": (entry() | {"runner": 5}, "runner"),
    "model version is a number": (entry() | {"model_version": 2.3}, "model_version"),
    "source path is a list": (entry() | {"source_path": []}, "source_path"),
    "chunk is a list": (entry() | {"chunk": []}, "'chunk'"),
    "chunk start is a text": (entry() | {"chunk": {"start_ms": "0"}}, "start_ms"),
    "chunk start is negative": (entry() | {"chunk": {"start_ms": -5}}, "start_ms"),
    "chunk ends before it starts": (entry() | {"chunk": {"start_ms": 9, "end_ms": 8}}, "ends"),
    "chunk hash is a number": (entry() | {"chunk": {"sha256": 12}}, "sha256"),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Aggregated, Path]:
    """Every kind of broken file, each beside a good one, aggregated together."""
    folder = tmp_path_factory.mktemp("mixed")
    for number, (kind, (content, _)) in enumerate(BROKEN.items()):
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / f"{kind}.json").write_bytes(raw)
        good = {"chunk_id": f"g{number}", "recording_id": "R", "detections": [GOOD, GOOD]}
        (folder / f"good {number}.json").write_text(json.dumps(good | {"status": "ok"}))
    csv_path = folder / "tables" / "summary.csv"
    return aggregate(Request(folder, csv_path)), csv_path


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_named_with_its_reason(mixed: Any, kind: str) -> None:
    reasons = [entry.reason for entry in mixed[0].rejected if Path(entry.file).stem == kind]
    assert len(reasons) == 1
    assert BROKEN[kind][1] in reasons[0]


def test_all_broken_files_together_lose_no_good_row(mixed: Any) -> None:
    result, csv_path = mixed
    assert len(result.rejected) == len(BROKEN)
    with csv_path.open(newline="") as stream:
        chunks = [row["chunk_id"] for row in csv.DictReader(stream)]
    assert sorted(chunks) == sorted(2 * [f"g{number}" for number in range(len(BROKEN))])
    with csv_path.with_name("summary.csv.rejected.csv").open(newline="") as stream:
        listed = [(row["file"], row["reason"]) for row in csv.DictReader(stream)]
    assert listed == [(entry.file, entry.reason) for entry in result.rejected]


def test_a_list_of_rejected_files_goes_when_none_are_left(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("good.json", payload("c1", call()))
    broken = tree.put("broken.json", b"{")
    tree.aggregate()
    rejected = tree.csv.parent / "summary.csv.rejected.csv"
    assert rejected.exists()
    broken.unlink()
    tree.aggregate()
    assert not rejected.exists()


def test_a_link_to_content_that_is_not_here_is_named(tree: Any, payload: Any, call: Any) -> None:
    tree.put("good.json", payload("c1", call()))
    (tree.root / "annexed.json").symlink_to("../.git/annex/objects/gone")
    result = tree.aggregate()
    assert "datalad get" in result.rejected[0].reason
    assert len(tree.rows()) == 1


def test_a_pipe_is_named_and_not_waited_for(tree: Any, payload: Any, call: Any) -> None:
    tree.put("good.json", payload("c1", call()))
    os.mkfifo(tree.root / "pipe.json")
    result = tree.aggregate()
    assert [entry.reason for entry in result.rejected] == ["no regular file."]


def test_a_chunk_that_two_files_give_is_counted_once(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.put("copy of R/c1.json", payload("c1", call()))
    result = tree.aggregate()
    assert len(tree.rows()) == 1
    assert "repeats chunk R/c1" in result.rejected[0].reason


def test_a_chunk_heard_by_two_runners_is_no_repeat(tree: Any, payload: Any, call: Any) -> None:
    tree.put("hawkears/c1.json", payload("c1", call()))
    tree.put("birdnet/c1.json", payload("c1", call(), runner="birdnet"))
    assert tree.aggregate().rejected == ()
    assert len(tree.rows()) == 2


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        aggregate(Request(tmp_path / "nowhere", tmp_path / "x.csv"))


def test_a_file_instead_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UsageError, match="not a folder"):
        aggregate(Request(tmp_path / "x.json", tmp_path / "x.csv"))


def test_two_outputs_in_one_file_are_refused(tree: Any) -> None:
    table = tree.csv.with_name("a_effort.csv")
    for other in (table, table.with_name("a.parquet"), table.parent / "x" / ".." / table.name):
        with pytest.raises(UsageError, match="one file"):
            aggregate(Request(tree.root, table, other))


def test_an_output_in_the_place_of_a_result_or_the_manifest_is_refused(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    result = tree.put("R/c1.json", payload("c1", call()))
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("recording_id,chunk_id,source_path\nR,c1,c1.wav\n")
    (tmp_path / "link.csv").symlink_to(manifest)
    for output in (result, manifest, tmp_path / "link.csv"):
        before = output.read_bytes()
        with pytest.raises(UsageError, match="replace what is read"):
            aggregate(Request(tree.root, output, manifest=manifest))
        assert output.read_bytes() == before


def test_a_failed_write_leaves_the_previous_tables(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.aggregate()
    before = tree.csv.read_bytes()
    tree.parquet.unlink()
    tree.parquet.mkdir()
    tree.put("R/c2.json", payload("c2", call()))
    with pytest.raises(BadcError, match="cannot be written"):
        tree.aggregate()
    assert tree.csv.read_bytes() == before
    names = {path.name for path in tree.csv.parent.iterdir()}
    assert names == {"summary.csv", "summary_effort.csv", "detections.parquet",
                     "detections_effort.csv"}  # fmt: skip


def test_an_empty_folder_never_replaces_a_table(tree: Any, payload: Any, call: Any) -> None:
    kept = tree.put("R/c1.json", payload("c1", call()))
    tree.aggregate()
    kept.unlink()
    result = tree.aggregate()
    assert result.written == ()
    assert len(tree.rows()) == 1


def test_nothing_but_broken_files_never_replaces_a_table_and_is_listed(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.aggregate()
    tree.put("R/c1.json", b"{")
    result = tree.aggregate()
    assert result.written == ()
    assert len(tree.rows()) == 1
    assert "c1.json" in (tree.csv.parent / "summary.csv.rejected.csv").read_text()


def test_an_empty_folder_makes_tables_without_rows_where_there_were_none(tree: Any) -> None:
    result = tree.aggregate()
    assert result.chunks == 0
    assert tree.rows() == []
    assert tree.csv.read_text().startswith("recording_id,")
