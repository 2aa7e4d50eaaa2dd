import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from badc.aggregate import Request, aggregate

OTHERS = {
    "a summary": {"telemetry_log": "x.jsonl", "workers": {}, "jobs": {}},
    "a report's summary": {"detections": 5, "label_count": 1, "recording_count": 1},
    "a chunk status": {"recording_id": "R", "chunk_output_dir": "x", "manifest_rows": 5},
    "a plan": [{"recording_id": "R", "manifest_path": "R.csv"}],
    "a chunk plan": [{"recording_id": "R", "audio_path": "R.wav"}],
    "something else": {"name": "R"},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_json_in_the_tree_is_left_out_and_counted(
    tree: Any, payload: Any, call: Any, kind: Any
) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.put("R/other.json", OTHERS[kind])
    result = tree.aggregate()
    assert (result.detections, result.left_out, result.rejected) == (1, 1, ())


@pytest.mark.parametrize(
    "name",
    [
        "R/run.jsonl.summary.json",
        "R/.chunk_status.json",
        ".badc/results/c1.json",
        "R/.c1.json.12ab.tmp",
        "R/c1_hawkears/notes.json",
        "R/notes.txt",
    ],
)
def test_files_with_telling_names_are_not_even_read(
    tree: Any, payload: Any, call: Any, name: Any
) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.put(name, b"not JSON")
    result = tree.aggregate()
    assert (result.detections, result.left_out, result.rejected) == (1, 0, ())


def test_a_recording_whose_name_ends_like_raw_output_is_read(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("site_hawkears/c1.json", payload("c1", call(), recording_id="site_hawkears"))
    assert tree.aggregate().detections == 1


@pytest.mark.parametrize(
    "folder",
    ["it's", "a b", "Côté", 'quo"te', "a[1]", "star*", "what?", "new\nline", "back\\", "{x}"],
)
def test_any_folder_name_is_read(tree: Any, payload: Any, call: Any, folder: Any) -> None:
    tree.put(f"{folder}/c1.json", payload("c1", call()))
    result = tree.aggregate()
    assert (result.detections, result.rejected) == (1, ())


@pytest.mark.parametrize(
    "name",
    ["it's", "a b", "Côté 鶯", 'quo"te', "[x]*?", "new\nline", "{uuid}", "%d", "$x", "a;b--"],
)
def test_tables_of_any_name_are_written(
    tree: Any, payload: Any, call: Any, tmp_path: Path, name: str
) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    folder = tmp_path / name
    tables = [folder / f"{name}.{ending}" for ending in ("csv", "parquet", "duckdb")]
    aggregate(Request(tree.root, *tables))
    assert {path.name for path in folder.iterdir()} == {
        *(path.name for path in tables),
        f"{name}_effort.csv",
    }
    copies = [tmp_path / f"copy.{ending}" for ending in ("csv", "parquet", "duckdb")]
    for path, copy in zip(tables, copies, strict=True):
        path.rename(copy)
    with duckdb.connect(copies[2], read_only=True) as database:
        assert database.execute("SELECT label FROM detections").fetchall() == [("OVEN",)]
    assert tree.read("FROM read_csv($path)", copies[0])[0]["label"] == "OVEN"
    assert tree.read("FROM read_parquet($path)", copies[1])[0]["label"] == "OVEN"


def test_a_pattern_like_name_takes_only_its_own_file(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c[1].json", payload("c1", call(), recording_id="A"))
    tree.put("c1.json", payload("c1", call(), recording_id="B"))
    assert tree.aggregate().detections == 2


def test_a_name_that_is_no_utf8_is_read(tree: Any, payload: Any, call: Any) -> None:
    source = tree.put("c1.json", payload("c1", call()))
    try:
        source.rename(os.fsdecode(os.fsencode(tree.root) + b"/\xff\xfe.json"))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert tree.aggregate().detections == 1


def test_annexed_files_are_followed(tree: Any, payload: Any, call: Any) -> None:
    real = tree.put(".git/annex/key", payload("c1", call()))
    link = tree.root / "R" / "c1.json"
    link.parent.mkdir()
    link.symlink_to(real)
    assert tree.aggregate().detections == 1


def test_folders_linked_in_a_circle_end(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    (tree.root / "R" / "again").symlink_to(tree.root)
    (tree.root / "R" / "above").symlink_to(tree.root.parent.parent)
    (tree.root / "beside.json").symlink_to("R")
    assert tree.aggregate().detections == 1


def test_linked_folders_are_followed(tree: Any, payload: Any, call: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path / "scratch" / "R"
    elsewhere.mkdir(parents=True)
    (elsewhere / "c1.json").write_text(json.dumps(payload("c1", call())))
    (tree.root / "R").symlink_to(elsewhere)
    assert tree.aggregate().detections == 1


def test_a_folder_named_like_a_payload_is_a_folder(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R.json/c1.json", payload("c1", call()))
    result = tree.aggregate()
    assert (result.detections, result.rejected) == (1, ())


def test_links_in_a_circle_are_named(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c1.json", payload("c1", call()))
    (tree.root / "a.json").symlink_to("b.json")
    (tree.root / "b.json").symlink_to("a.json")
    result = tree.aggregate()
    assert result.detections == 1
    assert ["cannot be read" in entry.reason for entry in result.rejected] == [True, True]


def test_a_byte_order_mark_is_tolerated(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c1.json", b"\xef\xbb\xbf" + json.dumps(payload("c1", call())).encode())
    assert tree.aggregate().detections == 1


def test_ids_that_are_missing_come_from_file_and_folder(tree: Any, call: Any) -> None:
    tree.put("REC/chunk 7.json", {"detections": [call()]})
    tree.aggregate()
    assert [(row["recording_id"], row["chunk_id"], row["status"]) for row in tree.rows()] == [
        ("REC", "chunk 7", "ok")
    ]


def test_a_stub_without_a_list_is_silence_not_a_fault(tree: Any) -> None:
    tree.put("R/c1.json", {"chunk_id": "c1", "recording_id": "R", "status": "stub"})
    result = tree.aggregate()
    assert (result.chunks, result.detections, result.rejected) == (1, 0, ())


def test_a_large_chunk_passes_through(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c1.json", payload("c1", *[call(n, n + 1) for n in range(150_000)]))
    tree.put("c2.json", payload("c2", call()))
    assert tree.aggregate().detections == 150_001
