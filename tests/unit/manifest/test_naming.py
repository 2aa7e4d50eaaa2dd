"""Paths inside files: written from the dataset, and found again wherever that has been taken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badc.errors import UsageError
from badc.manifest import (
    Chunk,
    ChunkKey,
    NamedFrom,
    moved_note,
    name_from,
    naming_base,
    read_manifest,
    write_manifest,
)

CHUNK = "artifacts/chunks/REC/c0.wav"


def file(path: Path, content: bytes = b"audio") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def listed(manifest: Path, *words: str) -> Path:
    rows = [f"REC,c{number},{each}\n" for number, each in enumerate(words)]
    return file(manifest, "".join(["recording_id,chunk_id,source_path\n", *rows]).encode())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """A working directory that has nothing to do with any dataset."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("namer", "named", "dataset", "base"),
    [
        ("d/REC.csv", "d/REC_chunks", None, "d"),
        ("d/manifests/REC.csv", "d/artifacts/chunks/REC", None, "d"),
        ("d/deep/down/REC.csv", "d/artifacts/chunks/REC", None, None),
        ("d/deep/down/REC.csv", "d/artifacts/chunks/REC", "d", "d"),
        ("d/manifests/REC.csv", "other/chunks", "d", None),
        ("lad/m/n/REC.csv", "lad/chunks", "lad/m", "lad"),
    ],
)
def test_a_file_is_named_from_the_folder_that_it_is_moved_with(
    tmp_path, namer, named, dataset, base
):
    (tmp_path / "lad" / ".datalad").mkdir(parents=True)
    found = naming_base(tmp_path / namer, tmp_path / named, dataset and tmp_path / dataset)
    assert found == (base and tmp_path / base)
    words = name_from(found, tmp_path / named)
    assert Path(words).is_absolute() == (base is None)


def test_nothing_is_named_from_the_root_of_the_file_system():
    assert naming_base(Path("/manifests/m.csv"), Path("/chunks")) is None


def test_a_manifest_finds_its_chunks_wherever_the_dataset_is(tmp_path):
    dataset = tmp_path / "set"
    audio = file(dataset / CHUNK)
    manifest = dataset / "manifests" / "REC.csv"
    words = name_from(naming_base(manifest, audio.parent), audio)
    assert words == CHUNK
    write_manifest(manifest, [Chunk(ChunkKey("REC", "c0"), words, audio)])
    moved = dataset.rename(tmp_path / "new name")
    for needed in (True, False):  # the plan of a dataset does not need the audio
        (chunk,) = read_manifest(moved / "manifests" / "REC.csv", audio_needed=needed)
        assert chunk.path == moved / CHUNK
        assert chunk.named_from == moved
    assert moved_note([chunk]) is None


def test_another_dataset_in_the_working_directory_is_not_taken_for_the_manifests(
    tmp_path, monkeypatch
):
    file(tmp_path / "one" / CHUNK)
    meant = file(tmp_path / "two" / CHUNK)
    monkeypatch.chdir(tmp_path / "one")
    manifest = listed(tmp_path / "two" / "manifests" / "REC.csv", CHUNK)
    assert [chunk.path for chunk in read_manifest(manifest)] == [meant]
    meant.unlink()
    assert read_manifest(manifest, audio_needed=False)[0].path == meant


def test_absolute_names_of_a_dataset_that_moved_are_found_beside_the_manifest_and_told(tmp_path):
    old = tmp_path / "old" / "set"
    here, gone = file(old / CHUNK), old / "artifacts" / "chunks" / "REC" / "c1.wav"
    manifest = listed(old / "manifests" / "REC.csv", str(here), str(gone))
    assert moved_note(read_manifest(manifest, absence_allowed=True)) is None
    new = old.rename(tmp_path / "new")
    first, second = read_manifest(new / "manifests" / "REC.csv", absence_allowed=True)
    assert first.path == new / CHUNK
    assert second.path == gone  # by its own name, as it is nowhere
    assert moved_note((first, second)) == (
        "1 of 2 chunk files are not where the manifest says and were found beside it:"
        f" {here} is now {new / CHUNK}."
    )
    assert read_manifest(new / "manifests" / "REC.csv", audio_needed=False)[0].path == new / CHUNK
    with pytest.raises(UsageError, match=f"REC.csv:3: chunk file not found .looked at {gone}"):
        read_manifest(new / "manifests" / "REC.csv")


def test_the_nearest_of_several_copies_is_taken(tmp_path):
    for name in ("set", "set 2"):
        file(tmp_path / name / CHUNK)
    manifest = listed(tmp_path / "set 2" / "manifests" / "REC.csv", f"/gone/set/{CHUNK}")
    assert read_manifest(manifest)[0].path == tmp_path / "set 2" / CHUNK


def test_an_absolute_name_that_still_leads_somewhere_is_obeyed(tmp_path):
    far = file(tmp_path / "far" / CHUNK)
    near = file(tmp_path / "near" / CHUNK)
    manifest = listed(tmp_path / "near" / "manifests" / "REC.csv", str(far))
    assert read_manifest(manifest)[0].path == far
    far.unlink()
    assert read_manifest(manifest)[0].path == near


def test_audio_side_by_side_with_its_manifest_is_found_by_its_name_alone(tmp_path):
    audio = file(tmp_path / "new" / "c0.wav")
    manifest = listed(tmp_path / "new" / "m.csv", "/old/c0.wav")
    assert read_manifest(manifest)[0].path == audio


def test_a_bare_name_means_no_file_far_above(tmp_path):
    file(tmp_path / "c0.wav")
    (tmp_path / "a" / "b").mkdir(parents=True)
    named = NamedFrom(tmp_path / "a" / "b")
    assert named.file("c0.wav") is None
    assert named.file("/old/c0.wav") is None


@pytest.mark.parametrize(
    "words", ["", ".", "..", "/", "//", "a//b", "x" * 5000, "a\0b/c", "/a\0/b"]
)
def test_odd_words_are_found_nowhere_and_break_nothing(tmp_path, words):
    named = NamedFrom(tmp_path)
    list(named.paths(words))
    assert isinstance(named.first(words), str)
    if words not in (".", ".."):
        assert named.file(words) is None


names = st.text("ab.", min_size=1, max_size=4).filter(lambda name: name.strip(".") != "")


@given(st.lists(names, min_size=1, max_size=4), st.lists(names, min_size=1, max_size=3))
def test_the_folder_that_a_chunk_is_named_from_leads_back_to_it(folders, words):
    root = Path("/", *folders)
    path = root.joinpath(*words)
    chunk = Chunk(ChunkKey("R", "c"), "/".join(words), path)
    assert chunk.named_from == root
    assert Chunk(ChunkKey("R", "c"), str(path), path).named_from is None
    assert Chunk(ChunkKey("R", "c"), f"../{path.name}", path).named_from is None


@pytest.mark.parametrize("folder", ["", "manifests/"])
def test_a_chunk_that_is_missing_is_not_taken_from_a_namesake_further_up(tmp_path, folder):
    """Two recordings of one name, the second in a folder below the first one's."""
    file(tmp_path / "set" / CHUNK, b"another station's")
    inner = tmp_path / "set" / "inner"
    file(inner / CHUNK).with_name("c1.wav").write_bytes(b"more audio")
    manifest = listed(inner / f"{folder}REC.csv", CHUNK, CHUNK.replace("c0", "c1"))
    read_manifest(manifest)
    (inner / CHUNK).unlink()
    with pytest.raises(UsageError, match=r"inner/artifacts/chunks/REC/c0\.wav"):
        read_manifest(manifest)
