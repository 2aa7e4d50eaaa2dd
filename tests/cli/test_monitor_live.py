"""The monitor in a real terminal, 80 columns wide, while a run writes its log."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pyte
import pytest

COLUMNS, LINES = 80, 24
CHUNKS = 200
PATIENCE_S = 150

# The later half of the chunks, c100 and on, waits until the test has seen the first ones counted.
GATED_RUNNER = """#!/bin/sh
case "$2" in */c1*) while [ ! -e "$0.go" ]; do sleep 0.1; done ;; esac
echo "[]" > "$4"
"""


class Terminal:
    """A program on a terminal; what it draws is kept on a sheet wider than it was told of."""

    def __init__(self, words, folder, environment):
        self.output = b""
        self._screen = pyte.Screen(3 * COLUMNS, 2 * LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def read(self, for_s: float) -> bool:
        """Take in what is drawn; say whether more may come."""
        if not select.select([self._ours], [], [], for_s)[0]:
            return True
        try:
            piece = os.read(self._ours, 65536)
        except OSError:  # so Linux says that nobody holds the other end any more
            return False
        self.output += piece
        self._stream.feed(piece)
        return True

    def read_until(self, met: Callable[[list[str]], bool]) -> None:
        """Take in what is drawn until it meets a condition; look at each drawing's shape."""
        deadline = time.monotonic() + PATIENCE_S
        while not (self.is_drawn and met(self.lines)):
            assert time.monotonic() < deadline, "\n".join(self.lines)
            assert self.read(1.0), self.output[-2000:]
            assert max(map(len, self.lines)) <= COLUMNS, "\n".join(self.lines)
            assert not any(self.lines[LINES:]), "\n".join(self.lines)

    @property
    def is_drawn(self) -> bool:
        """Whether the drawing has come to its last line; what is read may end in the middle."""
        return self._screen.cursor.y == LINES - 1

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    def end(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        while self.read(60):
            pass
        return self.process.wait(60)


@pytest.fixture
def terminal(badc) -> Iterator[Terminal]:
    words = [sys.executable, "-m", "badc", "infer", "monitor", "--log", "run.jsonl"]
    opened = Terminal([*words, "--follow", "--interval", "0.2"], badc.folder, badc.environment)
    yield opened
    if opened.process.poll() is None:
        opened.process.kill()
        opened.process.wait()


def counted(lines: list[str]) -> int | None:
    found = re.match(r"heard ([\d,]+)", lines[1])
    return int(found[1].replace(",", "")) if found else None


def test_a_run_is_seen_moving_within_80_columns_and_ends_as_it_should(
    badc, terminal, manifest, tmp_path
):
    terminal.read_until(lambda lines: lines[0] == "Waiting for run.jsonl")
    runner = tmp_path / "runner.sh"
    runner.write_text(GATED_RUNNER)
    runner.chmod(0o755)
    run = badc.start(
        "infer", "run", manifest(CHUNKS), "--runner-cmd", runner, "--cpu-workers", 2,
        "--telemetry-log", "run.jsonl",
    )  # fmt: skip
    terminal.read_until(lambda lines: (counted(lines) or 0) > 0)
    seen = [counted(terminal.lines)]
    runner.with_name("runner.sh.go").touch()

    def all_heard(lines: list[str]) -> bool:
        seen.append(counted(lines))
        return seen[-1] == CHUNKS

    terminal.read_until(all_heard)
    out, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0, out + err
    assert 0 < seen[0] < CHUNKS
    assert seen == sorted(seen)
    assert terminal.end() == 0
    assert terminal.output.count(b"\x1b[2J") <= 1
    left_behind = terminal.output.rpartition(b"\x1b[?1049l")[2].decode()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", left_behind)
    workers = [line.split() for line in plain.splitlines() if line.startswith("cpu-")]
    assert [words[0] for words in workers] == ["cpu-0", "cpu-1"]
    events, heard = (sum(int(words[n]) for words in workers) for n in (1, 2))
    assert (events, heard) == (2 * CHUNKS, CHUNKS)
    assert {(words[3], words[4]) for words in workers} == {("0", "0/0")}
