"""What can be seen of processes from outside: whose they are, their memory, their descriptors."""

import os
import time
from collections.abc import Callable
from pathlib import Path

MARK = "BADC_FAULTS_MARK"


def marked_processes(mark: str) -> dict[int, str]:
    """Return the command line of each process that was started with ``mark``, by its id."""
    wanted, found = f"{MARK}={mark}\0".encode(), {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if wanted in (entry / "environ").read_bytes():
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    found[int(entry.name)] = b" ".join(words).decode(errors="replace")
            except OSError:
                continue
    return found


def leaked(mark: str, limit_s: float = 60) -> dict[int, str]:
    """Return the marked processes that are still there when all others have had time to end."""
    soon(lambda: not marked_processes(mark), limit_s)
    return marked_processes(mark)


def left_in(folder: Path) -> set[str]:
    """Return what lies in a private TMPDIR; Dask's own folder of two locks is shared and stays."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    dask = Path("dask-scratch-space")
    return found - {str(dask), str(dask / "global.lock"), str(dask / "purge.lock")}


def memory_mib(process: int) -> float | None:
    """Return the resident memory of a process, or None where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    sizes = [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]
    return sizes[0] / 1024 if sizes else None


def descriptors(process: int) -> int | None:
    """Return how many file descriptors a process has open, or None where it is gone."""
    try:
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    except OSError:
        return None


def soon(condition: Callable[[], bool], limit_s: float = 120) -> bool:
    """Wait until something is so; say whether it came to that."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True
