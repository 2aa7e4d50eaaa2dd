"""What one process took, from its start to its end."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took.

    Attributes:
        wall_s: from its start to its end.
        cpu_s: of all its threads, and of children that it waited for.
        memory_mb: the most that it, or a child that it waited for, had at a time; never less than
            what the one that started it had.
        began_s: when it was started, in seconds since 1970.
        out: what it printed.
    """

    wall_s: float
    cpu_s: float
    memory_mb: float
    began_s: float = 0.0
    out: str = ""


def python(words: Sequence[object], environment: Mapping[str, str], cwd: Path = ROOT) -> Spent:
    """Run ``python WORDS …`` and return what it took.

    The environment is this process's less all settings of Prefect, with ``environment`` on top.

    Raises:
        SystemExit: it failed; the text is what it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        began_s, clock = time.time(), time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            env=clean_environment() | {"PYTHONPATH": str(ROOT)} | dict(environment),
            cwd=cwd,
            stdout=out,
            stderr=errors,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - clock
        process.returncode = os.waitstatus_to_exitcode(status)
        said, complaints = _text(out), _text(errors)
    if process.returncode:
        sys.exit(f"python {' '.join(map(str, words))[:200]}: {said[-2000:]}{complaints[-2000:]}")
    memory_mb = used.ru_maxrss * 1024 / 1e6
    return Spent(wall_s, used.ru_utime + used.ru_stime, memory_mb, began_s, said)


def _text(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


def clean_environment() -> dict[str, str]:
    """Return this process's environment without anybody's settings of Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
