"""Where chunk files are by the table, when results and audio have moved since they were made."""

import json
from pathlib import Path
from typing import Any

import pytest

from badc.report.page.chunk_file import find_chunk

CHUNK = "artifacts/chunks/R/c1.wav"


def put_audio(root: Path, words: str = CHUNK) -> Path:
    path = root / words
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"audio")
    return path


def names(tree: Any) -> tuple[str | None, str | None]:
    (row,) = tree.rows()
    return row["dataset_root"], row["source_path"]


@pytest.mark.parametrize(
    ("root", "words"),
    [
        (None, CHUNK),
        ("/gone/set", CHUNK),
        (None, f"/gone/set/{CHUNK}"),
        ("/gone/set", f"/gone/set/{CHUNK}"),
    ],
)
def test_what_moved_with_its_results_is_named_where_it_is_now(
    tree: Any, payload: Any, call: Any, tmp_path: Path, root: str | None, words: str
) -> None:
    audio = put_audio(tmp_path)
    tree.put("R/c1.json", payload("c1", call(), source_path=words, dataset_root=root))
    tree.aggregate()
    assert names(tree) == (str(tmp_path), CHUNK)
    assert find_chunk(CHUNK, str(tmp_path), ("R", "c1"), ()) == audio


def test_what_is_where_its_result_says_keeps_its_names(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    put_audio(tmp_path)  # nearer, but another one
    far = put_audio(tmp_path / "far")
    for root, words in ((str(tmp_path / "far"), CHUNK), (None, str(far))):
        tree.put("R/c1.json", payload("c1", call(), source_path=words, dataset_root=root))
        tree.aggregate()
        assert names(tree) == (root, words)


def test_what_is_nowhere_keeps_its_names(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call(), dataset_root="/gone"))
    tree.aggregate()
    assert names(tree) == ("/gone", "chunks/R/c1.wav")


def test_the_manifest_tells_where_audio_is_that_did_not_move_with_its_results(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    put_audio(tmp_path / "set")
    manifest = tmp_path / "set" / "manifests" / "R.csv"
    manifest.parent.mkdir()
    manifest.write_text(f"recording_id,chunk_id,source_path\nR,c1,{CHUNK}\n")
    tree.put("R/c1.json", payload("c1", call(), source_path=CHUNK, dataset_root="/gone"))
    tree.aggregate(manifest=manifest)
    assert names(tree) == (str(tmp_path / "set"), CHUNK)


def test_folders_with_line_breaks_and_several_recordings_move_as_well(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    for recording in ("A", "B\nb"):
        for chunk in ("c1", "c2"):
            words = f"chunks/{recording}/{chunk}.wav"
            put_audio(tmp_path, words)
            told = payload(chunk, call(), source_path=f"/gone/{words}", recording_id=recording)
            tree.put(f"{recording}/{chunk}.json", told)
    tree.aggregate()
    assert [row["source_path"] for row in tree.rows()] == [
        f"chunks/{recording}/{chunk}.wav" for recording in ("A", "B\nb") for chunk in ("c1", "c2")
    ]


def test_the_clock_and_place_of_a_recording_are_read_where_it_is_now(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    audio = put_audio(tmp_path)
    put_audio(tmp_path, "audio/Study/St 1/20200601_043000.WAV")
    status = {
        "audio_path": "/gone/set/audio/Study/St 1/20200601_043000.WAV",
        "chunk_output_dir": "/gone/set/artifacts/chunks/R",
    }
    (audio.parent / ".chunk_status.json").write_text(json.dumps(status))
    tree.put("R/c1.json", payload("c1", call(), source_path=f"/gone/set/{CHUNK}"))
    tree.aggregate()
    (row,) = tree.rows()
    assert row["recording_date_time"] == "2020-06-01T04:30:00+00:00"
