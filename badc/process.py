"""The one door to other programs.

Every child gets a process group of its own, so that a terminal's Ctrl-C does not reach it behind
our back and so that it can be ended together with whatever it started. A door can be closed:
everything that went through it is ended, and nothing more is let through.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from badc import strays, watchdog
from badc.errors import BadcError, RunStoppedError
from badc.tail import Tail, read_piece, read_what_waits

_GRACE_S = 2.0
_LONGEST_WAIT_S = 3600.0  # the system call under a selector knows no longer ones than weeks


class ProgramMissingError(BadcError):
    """The program could not be started at all."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended.

    Attributes:
        returncode: exit status; negative is the signal that ended it.
        stdout, stderr: the last :data:`badc.tail.TAIL_BYTES` of each, undecodable bytes replaced.
        runtime_s: wall time from start to end.
        timed_out: whether it was ended because its time was up.
    """

    returncode: int
    stdout: str
    stderr: str
    runtime_s: float
    timed_out: bool


class ProcessDoor:
    """Starts children and can end all of them, from any thread."""

    def __init__(self, *, watched: bool = False) -> None:
        """Open it.

        What ``watched`` children started ends with them, also what has left their group, and all
        of it also where this process itself is killed.
        """
        self._watched = watched
        self._marks: dict[int, str] = {}
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        output: int | None = subprocess.PIPE,
        errors: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start ``command`` (no shell) in its own process group, its output piped by default.

        Standard error goes where ``output`` says, or to the descriptor ``errors``.

        The caller ends it with :meth:`end`, or lets :meth:`close` do so.

        Raises:
            ProgramMissingError: it is not there or not executable.
            RunStoppedError: the door is closed.
        """
        with self._lock:
            if self._closed:
                raise RunStoppedError("The run is ending; no new program is started.")
            mark = strays.new_mark() if self._watched else {}
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=cwd,
                    env={**(os.environ if env is None else env), **mark},
                    stdin=stdin,
                    stdout=output,
                    stderr=output if errors is None else errors,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise ProgramMissingError(
                    f"{command[0]}: cannot be started ({reason}).",
                    "Check that it is installed, executable and on PATH.",
                ) from error
            self._running.add(process)
            if self._watched:
                (self._marks[process.pid],) = mark.values()
                watchdog.guard(process.pid)
        return process

    def run_here(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
    ) -> int:
        """Run ``command`` to its end, its output going where ours goes; return its exit status.

        Raises:
            ProgramMissingError: it could not be started.
            RunStoppedError: the door was closed before.
        """
        process = self.start(command, cwd=cwd, env=env, output=None)
        try:
            process.wait()
        finally:
            self.end(process)
        return process.returncode

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Finished:
        """Run ``command`` to its end, or end it, with all it started, after ``timeout_s``.

        Raises:
            ProgramMissingError: it could not be started.
            RunStoppedError: the door was closed before or meanwhile.
        """
        started = time.monotonic()
        process = self.start(command, cwd=cwd, env=env)
        try:
            out, err, timed_out = _follow(process, timeout_s)
        finally:
            returncode = self.end(process)
        if self._closed:
            raise RunStoppedError(f"{command[0]}: ended because the run is ending.")
        return Finished(returncode, out.text(), err.text(), time.monotonic() - started, timed_out)

    @property
    def closed(self) -> bool:
        """Whether nothing goes through any more."""
        return self._closed

    def strike(self, process: subprocess.Popen[bytes]) -> None:
        """Kill ``process`` and its group at once; whoever waits for it sees it end."""
        _signal_group(process, signal.SIGKILL)

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """End ``process`` and whatever is left of it; return its exit status.

        A child still running is asked first (SIGTERM) and forced (SIGKILL) a little later.
        """
        _end_group(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with self._lock:
            self._running.discard(process)
            mark = self._marks.pop(process.pid, None)
        if mark is not None:
            strays.end_strays(mark)
            watchdog.release(process.pid)
        return process.returncode

    def close(self) -> None:
        """End every child of this door and let no new one through. Safe from any thread."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        for process in running:
            _await_exit(process, max(0.0, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)


def _follow(process: subprocess.Popen[bytes], timeout_s: float | None) -> tuple[Tail, Tail, bool]:
    """Read both streams until the child itself has exited or its time is up.

    A grandchild may hold the pipes open for ever, so the end of the child counts, not theirs.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    out, err = Tail(), Tail()
    with selectors.DefaultSelector() as selector, _exit_notice(process) as notice:
        for stream, tail in ((process.stdout, out), (process.stderr, err)):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, tail)
        if notice is not None:
            selector.register(notice, selectors.EVENT_READ, None)
        while not _has_exited(process):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return out, err, True
            longest_s = 0.05 if notice is None else _LONGEST_WAIT_S
            poll_s = longest_s if left is None else min(left, longest_s)
            for key, _ in selector.select(poll_s):
                if isinstance(key.data, Tail) and not read_piece(key.fd, key.data):
                    selector.unregister(key.fileobj)
        for stream, tail in ((process.stdout, out), (process.stderr, err)):
            if stream is not None:
                read_what_waits(stream.fileno(), tail)
    return out, err, False


@contextlib.contextmanager
def _exit_notice(process: subprocess.Popen[bytes]) -> Iterator[int | None]:
    """Yield a descriptor that becomes readable when the child exits, or None off Linux."""
    try:
        notice = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield notice
    finally:
        os.close(notice)


def _has_exited(process: subprocess.Popen[bytes]) -> bool:
    """Say whether the child is gone, without reaping it.

    Unreaped, its process id cannot be given to another, so its group can still be signalled.
    """
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _await_exit(process: subprocess.Popen[bytes], limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while not _has_exited(process):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is not None:
        return
    if not _has_exited(process):
        _signal_group(process, signal.SIGTERM)
        _await_exit(process, _GRACE_S)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
