from pathlib import Path
from typing import Any

import pytest

from badc.errors import UsageError

HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms,overlap_ms,sha256,notes\n"


@pytest.fixture
def manifest(tmp_path: Path) -> Any:
    def write(*rows: str) -> Any:
        path = tmp_path / "manifest.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return path

    return write


def test_missing_metadata_comes_from_the_manifest_though_the_audio_has_gone(
    tree: Any, call: Any, manifest: Any
) -> None:
    tree.put("x/c2.json", {"chunk_id": "c2", "recording_id": "R", "detections": [call(500, 900)]})
    tree.aggregate(manifest=manifest("R,c2,gone/c2.wav,60000,120000,0,ABCD,"))
    row = tree.rows()[0]
    keys = ("chunk_start_ms", "chunk_end_ms", "absolute_time_ms", "chunk_sha256", "source_path")
    assert [row[key] for key in keys] == [60_000, 120_000, 60_500, "abcd", "gone/c2.wav"]


def test_what_a_payload_says_comes_before_the_manifest(
    tree: Any, payload: Any, call: Any, manifest: Any
) -> None:
    tree.put("c1.json", payload("c1", call(), start_ms=0))
    tree.aggregate(manifest=manifest("R,c1,other.wav,5000,65000,0,ffff,"))
    row = tree.rows()[0]
    assert (row["chunk_start_ms"], row["chunk_sha256"], row["source_path"]) == (
        0,
        "ab",
        "chunks/R/c1.wav",
    )


def test_only_the_same_recording_fills(tree: Any, call: Any, manifest: Any) -> None:
    tree.put("x.json", {"chunk_id": "c1", "recording_id": "Q", "detections": [call()]})
    tree.aggregate(manifest=manifest("R,c1,a.wav,5000,65000,0,,"))
    assert tree.rows()[0]["chunk_start_ms"] is None


def test_a_missing_recording_id_comes_from_the_manifest(
    tree: Any, call: Any, manifest: Any
) -> None:
    tree.put("folder/x.json", {"chunk_id": "c1", "detections": [call()]})
    tree.aggregate(manifest=manifest("R,c1,a.wav,5000,65000,0,,"))
    assert [(row["recording_id"], row["chunk_start_ms"]) for row in tree.rows()] == [("R", 5000)]


def test_a_chunk_id_of_two_recordings_decides_nothing(tree: Any, call: Any, manifest: Any) -> None:
    tree.put("folder/x.json", {"chunk_id": "c1", "detections": [call()]})
    tree.aggregate(manifest=manifest("A,c1,a.wav,0,1,0,,", "B,c1,b.wav,0,1,0,,"))
    assert [row["recording_id"] for row in tree.rows()] == ["folder"]


def test_the_dataset_of_the_manifest_is_the_dataset_of_its_chunks(
    tree: Any, call: Any, manifest: Any, tmp_path: Path
) -> None:
    (tmp_path / ".datalad").mkdir()
    tree.put("x.json", {"chunk_id": "c1", "recording_id": "R", "detections": [call()]})
    tree.aggregate(manifest=manifest("R,c1,a.wav,0,1,0,,"))
    assert tree.rows()[0]["dataset_root"] == str(tmp_path)


def test_chunks_that_only_the_manifest_has_are_not_effort(
    tree: Any, payload: Any, manifest: Any
) -> None:
    tree.put("c1.json", payload("c1"))
    tree.aggregate(manifest=manifest("R,c1,a.wav,0,60000,0,,", "R,c2,a.wav,60000,120000,0,,"))
    assert tree.effort()[0]["chunks"] == 1


def test_a_missing_manifest_is_refused_before_anything_is_read(tree: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such manifest"):
        tree.aggregate(manifest=tmp_path / "none.csv")
    assert not tree.csv.exists()
