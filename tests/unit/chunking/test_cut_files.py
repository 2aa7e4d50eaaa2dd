import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.chunking import CutPlan, cut, plan_cut, preview, read_status
from badc.errors import UsageError
from badc.manifest import read_manifest, write_manifest


def test_the_manifest_lists_the_chunks_as_they_are(record: Callable[..., Path]) -> None:
    plan = plan_cut(record(), chunk_duration_s=1, overlap_s=0.25)
    done = cut(plan)
    read = read_manifest(plan.manifest)
    assert read == done.chunks
    assert [(chunk.start_ms, chunk.end_ms, chunk.overlap_ms) for chunk in read] == [
        (0, 1000, 0),
        (750, 1750, 250),
        (1500, 2500, 250),
    ]
    assert [chunk.key.chunk_id for chunk in read] == list(preview(plan))
    for chunk in read:
        assert chunk.path.name == f"{chunk.key.chunk_id}.wav"
        assert chunk.sha256 == hashlib.sha256(chunk.path.read_bytes()).hexdigest()


def test_a_last_chunk_inside_the_one_before_is_not_made(record: Callable[..., Path]) -> None:
    ids = preview(plan_cut(record(seconds=2), chunk_duration_s=1, overlap_s=0.5))
    assert ids == ("REC_chunk_0_1000", "REC_chunk_500_1500", "REC_chunk_1000_2000")


def test_one_new_sample_is_worth_a_last_chunk(record: Callable[..., Path]) -> None:
    done = cut(plan_cut(record(seconds=2 + 1 / 8000), chunk_duration_s=1, overlap_s=0.5))
    assert [chunk.end_ms for chunk in done.chunks] == [1000, 1500, 2000, 2001]
    assert done.chunks[-1].path.stat().st_size == 44 + 2 * 4001


def test_an_overlap_of_all_but_a_millisecond_repeats_the_right_samples(
    record: Callable[..., Path],
) -> None:
    recording = record(seconds=0.13, channels=2, subtype="PCM_24")
    whole = soundfile.read(recording, dtype="int32")[0]
    done = cut(plan_cut(recording, chunk_duration_s=0.1, overlap_s=0.099))
    assert len(done.chunks) == 31
    for start_ms, chunk in enumerate(done.chunks):
        samples = soundfile.read(chunk.path, dtype="int32")[0]
        assert np.array_equal(samples, whole[8 * start_ms : 8 * start_ms + 800])


def test_manifests_can_be_found_from_any_working_directory(
    record: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record('field notes, "01" é/REC.wav')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(recording.parent)
    plans = (
        plan_cut(Path("REC.wav"), chunk_duration_s=1),
        plan_cut(
            Path("REC.wav"),
            chunk_duration_s=1,
            chunk_dir=Path("../chunks"),
            manifest=Path("../elsewhere/m.csv"),
        ),
    )
    for plan in plans:
        cut(plan)
    monkeypatch.chdir("/")
    assert read_manifest(plans[0].manifest)[0].source_path == ("REC_chunks/REC_chunk_0_1000.wav")
    assert read_manifest(plans[1].manifest)[0].source_path == "chunks/REC_chunk_0_1000.wav"
    assert read_manifest(plans[1].manifest)[0].path == tmp_path / "chunks/REC_chunk_0_1000.wav"


def test_in_a_dataset_everything_stays_in_it(record: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / ".datalad").mkdir()
    plan = plan_cut(record("audio/site1/REC.wav"), chunk_duration_s=1)
    assert plan.chunk_dir == tmp_path / "artifacts" / "chunks" / "REC"
    assert plan.manifest == tmp_path / "manifests" / "REC.csv"
    cut(plan)
    assert read_manifest(plan.manifest)[0].source_path == (
        "artifacts/chunks/REC/REC_chunk_0_1000.wav"
    )
    status = read_status(plan.chunk_dir)
    assert status is not None
    assert (status["audio_path"], status["chunk_output_dir"], status["manifest_path"]) == (
        "audio/site1/REC.wav",
        "artifacts/chunks/REC",
        "manifests/REC.csv",
    )
    assert (status["status"], status["manifest_rows"], status["duration_s"]) == (
        "completed",
        3,
        2.5,
    )
    assert "error" not in status


def test_a_second_cut_replaces_read_only_files_and_links(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    plan = plan_cut(record(), chunk_duration_s=1)
    first = cut(plan)
    annexed = tmp_path / "SHA256E-s1--aa"
    annexed.write_bytes(b"annexed")
    annexed.chmod(0o444)
    first.chunks[0].path.unlink()
    first.chunks[0].path.symlink_to(annexed)
    first.chunks[1].path.chmod(0o444)
    first.chunks[2].path.unlink()
    first.chunks[2].path.symlink_to(tmp_path / "gone")
    plan.manifest.chmod(0o444)
    assert cut(plan) == first
    assert annexed.read_bytes() == b"annexed"
    assert not any(chunk.path.is_symlink() for chunk in first.chunks)
    assert len(read_manifest(plan.manifest)) == 3


def test_what_an_earlier_cut_left_stays_and_is_not_listed(record: Callable[..., Path]) -> None:
    recording = record()
    cut(plan_cut(recording, chunk_duration_s=1))
    plan = plan_cut(recording, chunk_duration_s=2)
    (plan.chunk_dir / "REC_chunk_notes.wav").write_bytes(b"mine")
    done = cut(plan)
    assert done.leftovers == 2
    assert len(read_manifest(plan.manifest)) == 2
    assert len(list(plan.chunk_dir.glob("*.wav"))) == 5


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(plan: CutPlan, words: str) -> None:
    before = contents(plan.chunk_dir.parent)
    for attempt in (cut, preview):
        with pytest.raises(UsageError, match=words):
            attempt(plan)
    assert contents(plan.chunk_dir.parent) == before


def test_two_recordings_of_one_name_do_not_share_a_dataset_folder(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / ".datalad").mkdir()
    cut(plan_cut(record("audio/site1/REC.wav"), chunk_duration_s=1))
    other = record("audio/site2/REC.wav", seconds=1)
    refused(plan_cut(other, chunk_duration_s=1), "another recording, .*site1/REC.wav")
    aside = tmp_path / "artifacts" / "chunks" / "site2_REC"
    refused(plan_cut(other, chunk_duration_s=1, chunk_dir=aside), "lists the chunks of another")
    cut(plan_cut(other, chunk_duration_s=1, chunk_dir=aside, manifest=tmp_path / "site2.csv"))


def test_a_cut_out_of_its_dataset_can_be_made_again(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "dataset" / ".datalad").mkdir(parents=True)
    for recording in (record("dataset/audio/REC.wav"), record("elsewhere/REC.wav")):
        outside = tmp_path / f"chunks of {recording.parent.name}"
        inside = tmp_path / "dataset" / f"chunks of {recording.parent.name}"
        for chunk_dir in (outside, inside):
            plan = plan_cut(recording, chunk_duration_s=1, chunk_dir=chunk_dir)
            assert cut(plan) == cut(plan)
            other = record(f"dataset/other/{chunk_dir.name}/REC.wav")
            refused(plan_cut(other, chunk_duration_s=1, chunk_dir=chunk_dir), "another recording")


def test_two_recordings_of_one_name_in_two_folders_do_not_meet(
    record: Callable[..., Path],
) -> None:
    plans = [
        plan_cut(record(f"{site}/REC.wav", seconds=length), chunk_duration_s=1)
        for site, length in (("a", 1), ("b", 3))
    ]
    for plan in plans:
        cut(plan)
    assert [len(read_manifest(plan.manifest)) for plan in plans] == [1, 3]


def test_one_name_with_two_endings_in_one_folder_is_refused(record: Callable[..., Path]) -> None:
    cut(plan_cut(record("REC.wav"), chunk_duration_s=1))
    refused(plan_cut(record("REC.flac"), chunk_duration_s=1), "another recording, .*REC.wav")


def test_a_refusal_names_both_recordings_and_the_way_out(record: Callable[..., Path]) -> None:
    first, second = record("A/REC.wav"), record("B/REC.wav")
    where = {"chunk_duration_s": 1, "chunk_dir": first.parent.parent / "chunks"}
    cut(plan_cut(first, **where))
    words = f"{second}: .* of another recording, {first}[.] .*--recording-id"
    refused(plan_cut(second, **where), words)
    cut(plan_cut(second, chunk_duration_s=1, recording_id="B--REC"))


@pytest.mark.parametrize("name", ["artifacts/chunks/REC/.chunk_status.json", "manifests/REC.csv"])
def test_records_whose_content_is_elsewhere_are_not_replaced(
    record: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    (tmp_path / ".datalad").mkdir()
    link = tmp_path / name
    link.parent.mkdir(parents=True)
    link.symlink_to("../.git/annex/objects/gone")
    refused(plan_cut(record("audio/REC.wav"), chunk_duration_s=1), "datalad get")


def test_a_recording_that_moved_with_its_chunks_is_still_the_same(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    cut(plan_cut(record("old/REC.wav"), chunk_duration_s=1))
    (tmp_path / "old").rename(tmp_path / "new")
    assert len(cut(plan_cut(tmp_path / "new" / "REC.wav", chunk_duration_s=1)).chunks) == 3


def test_a_file_that_is_no_manifest_is_never_overwritten(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    recording = record("here/REC.wav")
    table = tmp_path / "labels.csv"
    table.write_text("start,end,label\n1,2,COYE\n")
    for taken in (recording, table, Path(os.devnull)):
        refused(plan_cut(recording, chunk_duration_s=1, manifest=taken), "manifest|regular")
    refused(plan_cut(recording, chunk_duration_s=1, chunk_dir=table), "no folder")


def test_a_broken_status_file_does_not_stand_in_the_way(record: Callable[..., Path]) -> None:
    plan = plan_cut(record(), chunk_duration_s=1)
    plan.chunk_dir.mkdir()
    for broken in (b"", b"{", b"[]", b'{"audio_path": 3}', b"\xff", b'{"audio_path": "a\\u0000"}'):
        (plan.chunk_dir / ".chunk_status.json").write_bytes(broken)
        cut(plan)


def test_an_emptied_manifest_is_replaced(record: Callable[..., Path]) -> None:
    plan = plan_cut(record(), chunk_duration_s=1)
    plan.manifest.touch()
    cut(plan)
    write_manifest(plan.manifest, ())
    cut(plan)
    assert len(read_manifest(plan.manifest)) == 3


@pytest.mark.parametrize(
    ("duration_s", "overlap_s"),
    [
        (0, 0),
        (-1, 0),
        (0.0009, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (1, 1),
        (1, 2),
        (1, -0.1),
        (1, float("nan")),
        (1, 0.9996),
    ],
)
def test_times_that_cannot_be_are_refused(
    tmp_path: Path, duration_s: float, overlap_s: float
) -> None:
    with pytest.raises(UsageError, match=r"--chunk-duration|--overlap"):
        plan_cut(tmp_path / "REC.wav", chunk_duration_s=duration_s, overlap_s=overlap_s)


@pytest.mark.parametrize("name", [".REC.wav", "a..b.wav", "x" * 181, "tab\t.wav", "a\\b.wav"])
def test_names_that_cannot_be_ids_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="Rename"):
        plan_cut(tmp_path / name, chunk_duration_s=1)


def test_names_too_long_once_they_are_chunk_ids_are_refused(record: Callable[..., Path]) -> None:
    recording = record("x" * 170 + ".wav")
    with pytest.raises(UsageError, match="Rename"):
        cut(plan_cut(recording, chunk_duration_s=1))


def test_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        plan_cut(tmp_path / os.fsdecode(b"caf\xe9.wav"), chunk_duration_s=1)
