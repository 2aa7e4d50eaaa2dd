"""A model in a child process of its own, kept open for many chunks.

Parent and child talk in lines of JSON: requests go to the child's standard input, answers come
from its standard output. The child's side is :mod:`badc.runners.resident_child`. A child that
dies, hangs or talks nonsense is ended with its whole process group, and the next question starts
another one.
"""

import json
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from badc.errors import AttemptError, OutOfTimeError, RunStoppedError
from badc.interpreter import finding_badc, module_command
from badc.process import ProgramMissingError
from badc.runners.environment import slot_environment
from badc.runners.protocol import Desk
from badc.tail import Tail, last_line, read_what_waits

OPENING_S = 300.0  # a model may come from a slow network disk
_LAST_WORDS_S = 1.0
_LONGEST_WAIT_S = 3600.0
_READ_BYTES = 65_536


class Resident:
    """One slot's model process. One thread at a time asks; any thread may close it."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path | None = None,
    ) -> None:
        """Remember what to start, and what to call it in messages."""
        self._desk = desk
        self._name = name
        self._command = list(command)
        self._environment = environment
        self._cwd = cwd
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = bytearray()
        self._stderr = Tail()
        self._closed = False

    @classmethod
    def of_module(cls, desk: Desk, module: str, arguments: Sequence[str]) -> "Resident":
        """Return one that runs a module of BADC's, called by its package, as the slot's process."""
        command = module_command(module, *arguments)
        environment = finding_badc(slot_environment(desk))
        return cls(desk, module.split(".")[-2], command, environment=environment)

    @property
    def said(self) -> str:
        """The end of what the child wrote on standard error about the last question."""
        return self._stderr.text()

    def ask(self, question: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send one question; return the child's answer.

        Raises:
            OutOfTimeError: no answer within ``timeout_s``; the child has been ended.
            AttemptError: no usable answer; likewise.
            RunStoppedError: the resident or its desk's door was closed.
        """
        with self._lock:
            process = self._process or self._start()
            try:
                return self._converse(process, question, timeout_s)
            except BaseException:
                self._end()
                raise

    def open(self) -> None:
        """Start the child, and wait until its model is loaded.

        Raises:
            AttemptError: it could not be loaded.
            RunStoppedError: as for :meth:`ask`.
        """
        with self._lock:
            if self._process is None:
                self._start()

    def drop(self) -> None:
        """End the child; the next question starts another one."""
        with self._lock:
            self._end()

    def close(self) -> None:
        """End the child. From any thread, and as often as one likes."""
        self._closed = True
        process = self._process
        if process is not None:
            self._desk.door.strike(process)
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise RunStoppedError("The run is ending; no model is loaded.")
        try:
            process = self._desk.door.start(
                self._command, cwd=self._cwd, env=self._environment, stdin=subprocess.PIPE
            )
        except ProgramMissingError as error:
            raise AttemptError(error.message, error.hint) from error
        self._process, self._unread, self._stderr = process, bytearray(), Tail()
        try:
            ready = self._answer(process, OPENING_S)
        except BaseException:
            self._end()
            raise
        if "ready" not in ready:
            fault = ready.get("fault", "it did not say why")
            said = self.said
            self._end()
            raise AttemptError(f"The {self._name} model cannot be loaded: {fault}.", "", None, said)
        return process

    def _converse(
        self, process: subprocess.Popen[bytes], question: Mapping[str, Any], timeout_s: float
    ) -> dict[str, Any]:
        line = json.dumps(question).encode("ascii") + b"\n"
        self._stderr = Tail()
        try:
            assert process.stdin is not None  # noqa: S101 - it was started with a pipe
            process.stdin.write(line)
            process.stdin.flush()
        except OSError:
            pass  # it is gone; reading says how
        return self._answer(process, timeout_s)

    def _answer(self, process: subprocess.Popen[bytes], timeout_s: float) -> dict[str, Any]:
        line = self._line(process, time.monotonic() + timeout_s, timeout_s)
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._failed("answered in a way that makes no sense")
        return answer

    def _line(self, process: subprocess.Popen[bytes], deadline: float, timeout_s: float) -> bytes:
        """Return the child's next line, taking in its standard error meanwhile."""
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout, process.stderr):
                assert stream is not None  # noqa: S101 - the door pipes both
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, stream is process.stdout)
            while b"\n" not in self._unread:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise self._failed(
                        f"was ended after {timeout_s:g} s",
                        "Give it more --timeout.",
                        kind=OutOfTimeError,
                    )
                for key, _ in selector.select(min(left, _LONGEST_WAIT_S)):
                    if not self._take(key.fd, is_answer=key.data):
                        selector.unregister(key.fileobj)
                        if key.data:
                            raise self._died(process)
            # what it said before it answered is in the pipe by now
            if process.stderr is not None:
                read_what_waits(process.stderr.fileno(), self._stderr)
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread = bytearray(rest)
        return line

    def _take(self, pipe: int, *, is_answer: bool) -> bool:
        """Move one piece out of a pipe; False at its end."""
        try:
            piece = os.read(pipe, _READ_BYTES)
        except BlockingIOError:
            return True
        if is_answer:
            self._unread += piece
        else:
            self._stderr.feed(piece)
        return bool(piece)

    def _died(self, process: subprocess.Popen[bytes]) -> Exception:
        """Say how a child ended that closed its side; its last words come first."""
        deadline = time.monotonic() + _LAST_WORDS_S
        with selectors.DefaultSelector() as selector:
            assert process.stderr is not None  # noqa: S101 - the door pipes it
            selector.register(process.stderr, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                if not self._take(process.stderr.fileno(), is_answer=False):
                    break
        returncode = self._end()
        how = f"by signal {-returncode}" if returncode < 0 else f"with exit status {returncode}"
        if returncode > 0:
            how += f" ({last_line(self.said)})"
        killed = returncode == -signal.SIGKILL
        hint = "Memory may have run out; use fewer workers." if killed else ""
        return self._failed(f"ended {how}", hint, returncode)

    def _failed(
        self,
        how: str,
        hint: str = "",
        returncode: int | None = None,
        kind: type[AttemptError] = AttemptError,
    ) -> Exception:
        if self._closed or self._desk.door.closed:
            return RunStoppedError(f"{self._name}: ended because the run is ending.")
        return kind(f"The {self._name} process {how}.", hint, returncode, self.said)

    def _end(self) -> int:
        process, self._process = self._process, None
        return 0 if process is None else self._desk.door.end(process)
