"""What every runner must do, whoever it is."""

import hashlib
import os
import pickle
import threading
import time
from pathlib import Path

import psutil
import pytest
import soundfile

from badc.errors import AttemptError, OutOfTimeError, RunStoppedError

_LIMIT_S = 120


def _tree(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "scratch" not in path.parts}


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def _pipe(folder: Path) -> Path:
    endless = folder / "endless.wav"
    os.mkfifo(endless)  # whoever opens it waits for ever
    return endless


def _endless(candidate, folder: Path) -> Path:
    if not (candidate.reads_audio and candidate.opens_pipes):
        pytest.skip("this runner cannot be made to wait by a pipe")
    return _pipe(folder)


def test_it_can_work_here(candidate):
    candidate.make().check()


def test_equal_runners_are_equal_and_have_one_fingerprint(candidate):
    one, two = candidate.make(), candidate.make()
    assert one == two
    assert one.fingerprint() == two.fingerprint()
    assert pickle.loads(pickle.dumps(one)).fingerprint() == one.fingerprint()


def test_another_argument_is_another_fingerprint(candidate):
    if candidate.other is None:
        pytest.skip("this runner takes no arguments")
    assert candidate.other().fingerprint() != candidate.make().fingerprint()


def test_one_opening_hears_many_chunks_and_leaves_them_as_they_were(
    candidate, desk, chunks, tmp_path
):
    before = [hashlib.sha256(chunk.path.read_bytes()).digest() for chunk in chunks]
    runner = candidate.make().open(desk)
    raw = tmp_path / "raw"
    tree = _tree(tmp_path)
    for chunk in [*chunks, chunks[0]]:
        heard = runner.hear(chunk, raw / f"{chunk.key.chunk_id}_raw", _LIMIT_S)
        length_ms = 1000 * soundfile.info(chunk.path).duration
        for detection in heard.detections:
            assert 0 <= detection.timestamp_ms <= detection.end_ms <= length_ms + 1
            assert detection.label
            assert 0 <= detection.confidence <= 1
    runner.close()
    assert [hashlib.sha256(chunk.path.read_bytes()).digest() for chunk in chunks] == before
    assert {path for path in _tree(tmp_path) - tree if raw not in [path, *path.parents]} == set()


def test_the_same_chunk_heard_twice_gives_the_same_detections(candidate, desk, chunks, tmp_path):
    runner = candidate.make().open(desk)
    once, again = (runner.hear(chunks[0], tmp_path / "raw", _LIMIT_S) for _ in range(2))
    assert once.detections == again.detections
    runner.close()


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"RIFF....WAVEfmt garbage" * 9])
def test_what_is_no_audio_fails_the_attempt_by_name_and_the_next_chunk_is_heard(
    candidate, desk, chunks, chunk_of, tmp_path, content
):
    if not candidate.reads_audio:
        pytest.skip("this runner does not read audio")
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    runner = candidate.make().open(desk)
    with pytest.raises(AttemptError, match=r"bad\.wav"):
        runner.hear(chunk_of(bad), tmp_path / "raw", _LIMIT_S)
    runner.hear(chunks[0], tmp_path / "raw", _LIMIT_S)
    runner.close()


def test_a_chunk_that_is_gone_fails_the_attempt(candidate, desk, chunk_of, tmp_path):
    if not candidate.reads_audio:
        pytest.skip("this runner does not read audio")
    runner = candidate.make().open(desk)
    with pytest.raises(AttemptError, match=r"gone\.wav"):
        runner.hear(chunk_of(tmp_path / "gone.wav"), tmp_path / "raw", _LIMIT_S)
    runner.close()


def test_closing_twice_leaves_no_process(candidate, desk, chunks, tmp_path):
    before = _children()
    runner = candidate.make().open(desk)
    runner.hear(chunks[0], tmp_path / "raw", _LIMIT_S)
    runner.close()
    runner.close()
    assert _children() == before


def test_a_hearing_that_hangs_meets_its_time_limit(candidate, desk, chunk_of, tmp_path):
    endless = _endless(candidate, tmp_path)
    before = _children()
    runner = candidate.make().open(desk)
    with pytest.raises(OutOfTimeError, match=r"ended after 0\.5 s"):
        runner.hear(chunk_of(endless), tmp_path / "raw", 0.5)
    runner.close()
    assert _children() == before


def test_closing_the_door_ends_a_hearing_at_once(candidate, desk, chunk_of, tmp_path):
    endless = _endless(candidate, tmp_path)
    before = _children()
    runner = candidate.make().open(desk)
    timer = threading.Timer(0.5, desk.door.close)
    timer.start()
    began = time.monotonic()
    with pytest.raises(RunStoppedError):
        runner.hear(chunk_of(endless), tmp_path / "raw", _LIMIT_S)
    assert time.monotonic() - began < _LIMIT_S
    timer.join()
    runner.close()
    assert _children() == before


def test_what_is_expected_is_heard_as_if_it_were_not(candidate, desk, chunks, tmp_path):
    alone, told = candidate.make().open(desk), candidate.make().open(desk)
    told.expect(chunks)
    for chunk in [*chunks, chunks[0]]:
        unexpected, expected = (
            runner.hear(chunk, tmp_path / f"raw {number}" / chunk.key.chunk_id, _LIMIT_S)
            for number, runner in enumerate((alone, told))
        )
        assert expected.detections == unexpected.detections
        assert expected.model_version == unexpected.model_version
    alone.close()
    told.close()


def test_what_is_expected_need_not_come_nor_be_there(candidate, desk, chunks, chunk_of, tmp_path):
    gone, bad = chunk_of(tmp_path / "gone.wav"), chunk_of(tmp_path / "bad.wav")
    bad.path.write_bytes(b"no sound at all" * 99)
    runner = candidate.make().open(desk)
    known = [runner.hear(chunk, tmp_path / "raw", _LIMIT_S).detections for chunk in chunks]
    runner.expect([chunks[0], bad, chunks[1], gone, chunks[2]])
    for chunk, heard in ((chunks[1], known[1]), (chunks[0], known[0]), (chunks[2], known[2])):
        assert runner.hear(chunk, tmp_path / "raw", _LIMIT_S).detections == heard
    runner.expect([chunks[0], gone, chunks[1], bad])
    for chunk, heard in ((chunks[0], known[0]), (gone, None), (chunks[1], known[1]), (bad, None)):
        if heard is not None or not candidate.reads_audio:
            assert runner.hear(chunk, tmp_path / "raw", _LIMIT_S).detections == (heard or ())
            continue
        with pytest.raises(AttemptError, match=chunk.path.name):
            runner.hear(chunk, tmp_path / "raw", _LIMIT_S)
    runner.close()


def test_a_chunk_that_changes_after_it_was_expected_is_heard_as_it_is_in_its_turn(
    candidate, desk, chunks, chunk_of, tmp_path
):
    changing = chunk_of(tmp_path / "changing.wav")
    changing.path.write_bytes(chunks[0].path.read_bytes())
    runner = candidate.make().open(desk)
    as_it_will_be = runner.hear(chunks[2], tmp_path / "raw", _LIMIT_S).detections
    runner.expect([chunks[1], changing])
    runner.hear(chunks[1], tmp_path / "raw", _LIMIT_S)
    changing.path.write_bytes(chunks[2].path.read_bytes())
    assert runner.hear(changing, tmp_path / "raw", _LIMIT_S).detections == as_it_will_be
    runner.close()


def test_closing_while_chunks_are_expected_leaves_no_process(
    candidate, desk, chunks, chunk_of, tmp_path
):
    before = _children()
    runner = candidate.make().open(desk)
    runner.expect(chunks)
    runner.close()
    runner = candidate.make().open(desk)
    runner.expect([*chunks, chunk_of(_pipe(tmp_path))])
    for chunk in chunks:
        runner.hear(chunk, tmp_path / "raw", _LIMIT_S)
    runner.close()
    assert _children() == before
