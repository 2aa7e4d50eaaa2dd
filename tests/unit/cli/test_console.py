"""Words from elsewhere do not steer a terminal."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = "a\x1b]0;owned\x07\x1b[2Jb\rc\x9b31m \u202e[red]x[/red] [/nope] ö\tz"
SHOWN = r"a\x1b]0;owned\x07\x1b[2Jb\rc\x9b31m \u202e[red]x[/red] [/nope] ö"
LINES = """
import sys
from rich.table import Table
from badc.cli.console import cell, say, show, warn
hostile = sys.argv[1]
table = Table("Label")
table.add_row(cell(hostile))
how = {"say": (say, hostile), "warn": (warn, hostile), "show": (show, table)}
put, what = how[sys.argv[2]]
put(what)
"""


def printed(how: str, *, on_terminal: bool) -> str:
    ours, theirs = pty.openpty() if on_terminal else os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "200"}
    subprocess.run(
        [sys.executable, "-c", LINES, HOSTILE, how],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        check=True,
    )
    os.close(theirs)
    raw = b""
    with suppress(OSError):  # so Linux ends a terminal
        while piece := os.read(ours, 65536):
            raw += piece
    os.close(ours)
    return raw.decode()


@pytest.mark.parametrize("how", ["say", "warn", "show"])
def test_on_a_terminal_what_would_steer_it_is_shown(how):
    output = printed(how, on_terminal=True)
    assert SHOWN in output
    assert not set("\x1b\x07\x9b\u202e") & set(output)


def test_results_go_into_a_pipe_unchanged():
    assert printed("say", on_terminal=False) == f"{HOSTILE}\n"
