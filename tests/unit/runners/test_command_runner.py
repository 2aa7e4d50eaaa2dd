"""What a custom program may do to its slot, and what not."""

import sys
from pathlib import Path

import pytest

from badc.errors import AttemptError
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.command import CommandRunner
from badc.runners.protocol import Desk


@pytest.fixture
def hear(tmp_path: Path):
    """Runs a program of some lines of Python on one chunk."""
    door = ProcessDoor()

    def run(lines: str, limit_s: float = 20):
        program = tmp_path / "program.py"
        program.write_text(
            f"import os, sys\nout = sys.argv[sys.argv.index('--output') + 1]\n{lines}"
        )
        opened = CommandRunner((sys.executable, str(program))).open(
            Desk(Slot("cpu-0"), door, tmp_path)
        )
        audio = tmp_path / "a.wav"
        audio.write_bytes(b"sound")
        return opened.hear(Chunk(ChunkKey("R", "a"), "a.wav", audio), tmp_path / "raw", limit_s)

    yield run
    door.close()


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("os.mkfifo(out)", "something at --output that is no file"),
        ("os.mkdir(out)", "something at --output that is no file"),
        ("os.symlink('/dev/zero', out)", "something at --output that is no file"),
        ("open(out, 'w').write('{\"detections\": [{\"snr\": 1e999}]}')", "too large a number"),
        ("open(out, 'w').write('{\"detections\": [{\"confidence\": NaN}]}')", "no JSON number"),
        ("open(out, 'w').write('{\"detections\": {}}')", "no 'detections' list"),
        ("open(out, 'wb').write(b'\\xff')", "not UTF-8"),
        ('open(out, \'w\').write(\'{"chunk_id": "b", "detections": []}\')', "is for chunk_id 'b'"),
        ("", "wrote no file at --output"),
    ],
)
def test_an_answer_that_is_none_fails_the_attempt_in_time(hear, lines, why):
    with pytest.raises(AttemptError, match=why):
        hear(lines)


def test_a_limit_of_months_is_no_trouble(hear):
    assert hear("open(out, 'w').write('[]')", limit_s=1e7).detections == ()


def test_megabytes_of_chatter_and_bytes_that_are_no_text_do_no_harm(hear):
    heard = hear(
        "os.write(1, b'\\xfe' * 5_000_000 + b'end'); os.write(2, b'x' * 5_000_000)\n"
        "open(out, 'w').write('[]')"
    )
    assert heard.stdout.endswith("end")
    assert len(heard.stdout) < 20_000
