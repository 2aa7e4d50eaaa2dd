"""What is known of audio files, and what is read again."""

import hashlib
import os

import pytest

from badc.results import Audio, AudioDigests


def digest(raw):
    return hashlib.sha256(raw).hexdigest()


@pytest.fixture
def audio(tmp_path):
    path = tmp_path / "c0.wav"
    path.write_bytes(b"audio")
    return path


def looked_at(path, **asked):
    return AudioDigests().look(path, **{"hashed": True, **asked})


def test_a_file_is_known_by_size_time_and_digest(audio):
    found = looked_at(audio)
    assert found == Audio(5, audio.stat().st_mtime_ns, digest(b"audio"))
    assert looked_at(audio, hashed=False).sha256 is None


def test_a_file_of_the_same_size_and_time_is_not_read(audio):
    known = Audio(5, audio.stat().st_mtime_ns, "ab" * 32)
    assert looked_at(audio, earlier=known) == known


def test_a_file_of_the_same_size_and_another_time_is_read(audio):
    known = looked_at(audio)
    audio.write_bytes(b"other")
    os.utime(audio, ns=(0, known.mtime_ns + 1))
    assert looked_at(audio, earlier=known).sha256 == digest(b"other")


def test_nothing_is_believed_without_a_digest(audio):
    known = Audio(5, audio.stat().st_mtime_ns)
    assert looked_at(audio, earlier=known).sha256 == digest(b"audio")


def test_digests_are_remembered_for_later_processes_as_long_as_size_and_time_are_the_same(
    audio, tmp_path
):
    memory = tmp_path / "cache" / "digests.sqlite3"
    time_ns = AudioDigests(memory).look(audio, hashed=True).mtime_ns
    audio.write_bytes(b"other")
    os.utime(audio, ns=(0, time_ns))  # a forgery that only reading could find
    assert AudioDigests(memory).look(audio, hashed=True).sha256 == digest(b"audio")
    os.utime(audio, ns=(0, time_ns + 1))
    assert AudioDigests(memory).look(audio, hashed=True).sha256 == digest(b"other")


@pytest.mark.parametrize("place", ["/dev/null/digests", "/proc/digests", "."])
def test_a_memory_that_cannot_be_used_is_done_without(audio, tmp_path, place):
    found = AudioDigests(tmp_path / place).look(audio, hashed=True)
    assert found.sha256 == digest(b"audio")


def test_a_memory_that_is_no_database_is_done_without(audio, tmp_path):
    memory = tmp_path / "digests.sqlite3"
    memory.write_bytes(b"no database at all" * 100)
    assert AudioDigests(memory).look(audio, hashed=True).sha256 == digest(b"audio")


def test_what_is_no_file_says_why(tmp_path):
    assert looked_at(tmp_path / "none").fault == "there is no such chunk file"
    assert looked_at(tmp_path).fault == "is no regular file"
    (tmp_path / "link").symlink_to("nowhere")
    assert "datalad get" in looked_at(tmp_path / "link").fault
