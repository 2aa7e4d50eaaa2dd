import pytest
from hypothesis import given
from hypothesis import strategies as st

from badc.errors import UsageError
from badc.manifest import Chunk, ChunkKey, read_manifest, write_manifest
from badc.manifest.chunk import id_fault

HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms,overlap_ms,sha256,notes\n"


@pytest.fixture
def audio(tmp_path):
    path = tmp_path / "c.wav"
    path.write_bytes(b"audio")
    return path


def test_a_spreadsheet_s_byte_order_mark_and_line_ends_do_no_harm(tmp_path, audio):
    text = f"{HEADER}REC,c0,{audio},0,60000.0,,ABC,\n".replace("\n", "\r\n")
    (tmp_path / "m.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (chunk,) = read_manifest(tmp_path / "m.csv")
    assert chunk.key == ChunkKey("REC", "c0")
    assert (chunk.end_ms, chunk.overlap_ms, chunk.sha256) == (60000, 0, "abc")


def test_line_numbers_count_the_lines_of_a_quoted_cell(tmp_path, audio):
    row = f"REC,c0,{audio},0,1,0,,"
    (tmp_path / "m.csv").write_text(f'{HEADER}{row}"two\nlines"\n\nREC,c1,nowhere.wav,0,1,0,,\n')
    with pytest.raises(UsageError, match=r"m\.csv:5: chunk file not found"):
        read_manifest(tmp_path / "m.csv")


def test_equal_chunk_ids_of_two_recordings_are_two_chunks(tmp_path, audio):
    (tmp_path / "m.csv").write_text(f"{HEADER}A,c0,{audio},,,,,\nB,c0,{audio},,,,,\n")
    assert [str(chunk.key) for chunk in read_manifest(tmp_path / "m.csv")] == ["A/c0", "B/c0"]
    assert read_manifest(tmp_path / "m.csv")[0].duration_s is None


def test_audio_is_looked_for_in_the_dataset_then_beside_the_manifest_then_here(
    tmp_path, monkeypatch
):
    dataset = tmp_path / "dataset"
    places = [dataset, dataset / "manifests", tmp_path / "here"]
    for place in places:
        place.mkdir()
        (place / "c.wav").write_bytes(b"audio")
    (dataset / ".datalad").mkdir()
    manifest = dataset / "manifests" / "m.csv"
    manifest.write_text("recording_id,chunk_id,source_path\nREC,c,c.wav\n")
    monkeypatch.chdir(tmp_path / "here")
    for place in places:
        assert read_manifest(manifest)[0].path == place / "c.wav"
        (place / "c.wav").unlink()
    with pytest.raises(UsageError) as refusal:
        read_manifest(manifest)
    assert all(str(place / "c.wav") in str(refusal.value) for place in places)


def test_a_link_without_content_is_to_be_fetched_and_one_with_content_keeps_its_name(tmp_path):
    (tmp_path / "key").write_bytes(b"audio")
    (tmp_path / "c.wav").symlink_to("key")
    manifest = tmp_path / "m.csv"
    manifest.write_text("recording_id,chunk_id,source_path\nREC,c,c.wav\n")
    assert read_manifest(manifest)[0].path == tmp_path / "c.wav"
    (tmp_path / "key").unlink()
    with pytest.raises(UsageError, match="datalad get"):
        read_manifest(manifest)
    (chunk,) = read_manifest(manifest, content_needed=False)
    assert chunk.path == tmp_path / "c.wav"
    (tmp_path / "c.wav").unlink()
    with pytest.raises(UsageError, match="chunk file not found"):
        read_manifest(manifest, content_needed=False)


def test_where_absence_is_allowed_audio_is_looked_for_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    manifest = tmp_path / "m.csv"
    manifest.write_text("recording_id,chunk_id,source_path\nREC,c,c.wav\n")
    monkeypatch.chdir(tmp_path / "here")

    def found():
        return read_manifest(manifest, absence_allowed=True)[0].path

    assert found() == tmp_path / "c.wav"
    (tmp_path / "here" / "c.wav").symlink_to("content that is not here")
    assert found() == tmp_path / "here" / "c.wav"
    (tmp_path / "c.wav").symlink_to("neither")
    assert found() == tmp_path / "c.wav"
    (tmp_path / "here" / "c.wav").unlink()
    (tmp_path / "here" / "c.wav").write_bytes(b"audio")
    assert found() == tmp_path / "here" / "c.wav"


@pytest.mark.parametrize(
    "value", ["caf\udce9", "\ud800", "a\x85b", "a\x7f", "", " ", "..", "a/b", "é" * 91, ".a"]
)
def test_what_can_name_no_file_everywhere_is_no_id(value):
    assert id_fault(value)


@pytest.mark.parametrize("value", ["é" * 90, "a b", "20260501_050000$", "語", "a.b-c_d"])
def test_odd_but_honest_ids_are_taken(value):
    assert id_fault(value) is None


@given(st.text())
def test_whatever_is_taken_as_an_id_stays_in_its_folder(value):
    if id_fault(value) is None:
        name = f"{value}.json".encode()
        assert b"/" not in name
        assert b"\0" not in name
        assert len(name) <= 255 - len(".") - len(".12345678.tmp")
        assert not value.startswith(".")


def test_a_manifest_written_is_read_back_the_same(tmp_path, audio):
    chunks = (
        Chunk(ChunkKey("R", "c,0"), str(audio), audio, 0, 1000, 10, "ab", 'said "hm",\nthen left'),
        Chunk(ChunkKey("R", " c1"), str(audio), audio),
    )
    write_manifest(tmp_path / "new" / "m.csv", chunks)
    assert read_manifest(tmp_path / "new" / "m.csv") == chunks
