"""Several chunks in one start of HawkEars 1.x, stood in for by a script with its habits."""

import filecmp
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.errors import AttemptError, OutOfTimeError
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.runners.hawkears import choose_hawkears, joint_v1
from badc.runners.hawkears.labels_csv import LabelsFormError
from badc.runners.protocol import Desk
from badc.runs import Assignment, ListeningSlot


@pytest.fixture
def opened(root_v1, desk):
    def choose(*args: str):
        return choose_hawkears(args, {"BADC_HAWKEARS_ROOT": str(root_v1)}).open(desk)

    return choose


def _starts(desk: Desk) -> int:
    """Each start loads the root's checkpoint once and says so."""
    told = [path.read_text().splitlines() for path in desk.scratch.rglob("model.txt")]
    return len({line for lines in told for line in lines})


def _song(chunk, folder: Path, name: str, **options) -> Chunk:
    """Give each chunk a length and so detections of its own, wherever it lies."""
    made = chunk(name, **options)
    folder.mkdir(exist_ok=True)
    made.path.rename(folder / name)
    return Chunk(ChunkKey("rec", folder.name + name.partition(".")[0]), name, folder / name)


def _same(one: Path, other: Path) -> bool:
    seen = filecmp.dircmp(one, other)
    names = [*seen.left_only, *seen.right_only]
    return not names and filecmp.cmpfiles(one, other, seen.common_files, shallow=False)[0] == (
        seen.common_files
    )


def test_expected_chunks_share_a_start_and_get_what_each_would_alone(opened, desk, chunk, tmp_path):
    folder = tmp_path / "chunks of one night"
    chunks = [
        _song(chunk, folder, "a, 20260601.wav", seconds=4.0),
        _song(chunk, folder, "a_quiet.wav", loud=False),
        _song(chunk, folder, "MD5E-s1--0.wav", seconds=7.0),
    ]
    annexed = folder / "a_20260602.wav"
    annexed.symlink_to(chunks[2].path)  # it is reported under the object's name
    chunks[2] = Chunk(ChunkKey("rec", "annexed"), annexed.name, annexed)
    jointly, alone = opened("--rtype", "both"), opened("--rtype", "both")
    jointly.expect(chunks)
    told = [jointly.hear(each, tmp_path / "j" / each.key.chunk_id, 30) for each in chunks]
    assert _starts(desk) == 1
    for heard, each in zip(told, chunks, strict=True):
        known = alone.hear(each, tmp_path / "a" / each.key.chunk_id, 30)
        assert heard.detections == known.detections
        assert _same(tmp_path / "j" / each.key.chunk_id, tmp_path / "a" / each.key.chunk_id)
    assert [len(heard.detections) for heard in told] == [3, 0, 5]


@pytest.mark.parametrize(("name", "loads"), [("song.flac", 4), ("song.aiff", 3)])
def test_a_chunk_that_fails_a_joint_start_fails_alone(opened, desk, chunk, tmp_path, name, loads):
    """One is taken up and cannot be read; the other one is passed over without a word."""
    folder = tmp_path / "night"
    good = [_song(chunk, folder, f"{number}.wav") for number in range(4)]
    spoiler = Chunk(ChunkKey("rec", "spoiler"), name, folder / name)
    soundfile.write(spoiler.path, np.full(16_000, 0.5), 8_000)
    runner = opened()
    runner.expect([good[0], spoiler, good[1]])
    for each in good[:2]:
        assert len(runner.hear(each, tmp_path / "raw", 30).detections) == 4
    with pytest.raises(AttemptError, match=name):
        runner.hear(spoiler, tmp_path / "raw", 30)
    assert _starts(desk) == loads
    runner.expect(good[2:])
    for each in good[2:]:
        assert len(runner.hear(each, tmp_path / "raw", 30).detections) == 4
    assert _starts(desk) == loads + 1


def test_two_joint_starts_that_fail_are_enough(opened, desk, chunk, root_v1, tmp_path):
    (root_v1 / "data" / "ckpt" / "broken.ckpt").touch()
    chunks = [_song(chunk, tmp_path / "night", f"{number}.wav") for number in range(6)]
    runner = opened()
    starts = []
    for pair in (chunks[:2], chunks[2:4], chunks[4:]):
        runner.expect(pair)
        for each in pair:
            with pytest.raises(AttemptError, match="ZeroDivisionError"):
                runner.hear(each, tmp_path / "raw", 30)
        starts.append(_starts(desk) // 2)  # of two checkpoints
    assert starts == [3, 6, 8]


def test_a_joint_start_that_hangs_is_ended_and_each_chunk_has_its_own_time(
    opened, chunk, root_v1, tmp_path
):
    (root_v1 / "data" / "ckpt" / "slow.ckpt").touch()
    chunks = [_song(chunk, tmp_path / "night", f"{number}.wav") for number in range(2)]
    runner = opened()
    runner.expect(chunks)
    with pytest.raises(OutOfTimeError, match=r"ended after 0\.5 s on .*0\.wav"):
        runner.hear(chunks[0], tmp_path / "raw", 0.5)


def test_chunks_of_one_name_are_not_mixed_up(opened, desk, chunk, tmp_path):
    chunks = [
        _song(chunk, tmp_path / "one", "song.wav", seconds=4.0),
        _song(chunk, tmp_path / "two", "song.wav", loud=False),
        _song(chunk, tmp_path / "two", "songs.wav", seconds=7.0),
    ]
    runner = opened()
    runner.expect(chunks)
    told = [runner.hear(each, tmp_path / "raw", 30).detections for each in chunks]
    assert [len(heard) for heard in told] == [3, 0, 5]
    assert _starts(desk) == 2


def test_a_chunk_that_changed_since_the_joint_start_is_heard_anew(opened, desk, chunk, tmp_path):
    chunks = [_song(chunk, tmp_path / "night", f"{number}.wav") for number in range(3)]
    runner = opened()
    runner.expect(chunks)
    assert runner.hear(chunks[0], tmp_path / "raw", 30).detections
    soundfile.write(chunks[1].path, np.zeros(40_000), 8_000)
    chunks[2].path.unlink()
    assert runner.hear(chunks[1], tmp_path / "raw", 30).detections == ()
    with pytest.raises(AttemptError, match="no such file"):
        runner.hear(chunks[2], tmp_path / "raw", 30)
    assert _starts(desk) == 2


def test_a_start_holds_so_many_chunks_and_so_much_audio(chunk, tmp_path):
    short = [_song(chunk, tmp_path / "short", f"{n}.wav", seconds=0.1).path for n in range(40)]
    assert list(joint_v1.company(short)) == short[:32]
    long = [_song(chunk, tmp_path / "long", f"{n}.wav", seconds=250.0).path for n in range(3)]
    assert list(joint_v1.company(long)) == long[:2]


@pytest.mark.parametrize("table", ["name,score\na.wav,1\n", "filename,score\nz.wav,1\n", ""])
def test_a_table_that_does_not_tell_chunks_apart_is_refused(tmp_path, table):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "HawkEars_labels.csv").write_text(table)
    shares = {tmp_path / "a.wav": tmp_path / "0", tmp_path / "b.wav": tmp_path / "1"}
    with pytest.raises(LabelsFormError, match=r"HawkEars_labels\.csv"):
        joint_v1.divide(tmp_path / "output", shares)


def test_a_slot_tells_its_runner_when_it_opens_it(root_v1, chunk, tmp_path):
    used = tmp_path / "starts"
    script = root_v1 / "analyze.py"
    script.write_text(f"open({str(used)!r}, 'a').write('.')\n" + script.read_text())
    runner = choose_hawkears((), {"BADC_HAWKEARS_ROOT": str(root_v1)})
    terms = Assignment(runner, "f", tmp_path / "out", None, 30, 0, False, False, 1)
    slot = ListeningSlot(Slot("cpu-0"), terms, lambda _: None)
    chunks = [_song(chunk, tmp_path / "night", f"{number}.wav") for number in range(4)]
    for pair in (chunks[:2], chunks[2:]):  # before the runner is open, and then
        slot.expect(pair)
        assert [slot.hear(each, 1).detections for each in pair] == [4, 4]
    slot.stop()
    assert used.read_text() == ".."
