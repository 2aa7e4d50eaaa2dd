"""``--runner-cmd``: a program of the user's own, run once per chunk.

The contract: ``CMD --input CHUNK --output JSON``, no shell. The program writes a full payload,
``{"detections": [...]}`` or a bare list of detections. Ending with status 0 is not enough: without
a readable file the attempt has failed.
"""

import shlex
import shutil
import signal
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc.detections import DetectionFormError, Heard, detections_from, parse_payload
from badc.errors import AttemptError, ChunkUnreadableError, OutOfTimeError, UsageError
from badc.manifest import Chunk
from badc.process import Finished
from badc.runners.environment import slot_environment
from badc.runners.expected import Expected
from badc.runners.file_mark import mark_of
from badc.runners.fingerprint import fingerprint_of
from badc.runners.program_files import missing_script, named_by_content
from badc.runners.protocol import Desk
from badc.runners.reading_ahead import ReadingAhead

_LARGEST_ANSWER_BYTES = 256 << 20


@dataclass(frozen=True)
class CommandRunner:
    """A custom program.

    Attributes:
        command: program and leading arguments, already split.
    """

    command: tuple[str, ...]
    kind = "custom"
    opening_limit_s = 0.0

    @classmethod
    def from_text(cls, text: str) -> "CommandRunner":
        """Split a command line the way a shell would, without running one.

        Raises:
            UsageError: it is empty or its quotes do not match.
        """
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise UsageError(
                f"--runner-cmd {text!r} cannot be split into words ({error}).",
                "Close the quotes.",
            ) from None
        if not words:
            raise UsageError("--runner-cmd is empty.", "Give the program to run on each chunk.")
        if "\0" in text:
            raise UsageError("--runner-cmd holds a NUL character.", "Remove it.")
        return cls(words)

    def check(self) -> None:
        """See :class:`badc.runners.protocol.Runner`."""
        if shutil.which(self.command[0]) is None:
            raise UsageError(
                f"--runner-cmd: program '{self.command[0]}' was not found or is not executable.",
                "Give its full path, or put it on PATH and make it executable (chmod +x).",
            )
        if (script := missing_script(self.command)) is not None:
            raise UsageError(
                f"--runner-cmd: there is no script {script} in {Path.cwd()}.",
                "Correct its name, or give its full path.",
            )

    def fingerprint(self) -> str:
        """See :class:`badc.runners.protocol.Runner`."""
        return fingerprint_of(self.kind, command=named_by_content(self.command))

    def __str__(self) -> str:
        """Return the command line."""
        return shlex.join(self.command)

    def open(self, desk: Desk) -> "OpenCommand":
        """See :class:`badc.runners.protocol.Runner`."""
        return OpenCommand(self.command, desk)


class OpenCommand:
    """A custom program at work in one slot: one process per chunk."""

    def __init__(self, command: tuple[str, ...], desk: Desk) -> None:
        self._command = command
        self._desk = desk
        self._environment = slot_environment(desk)
        self._expected = Expected()
        self._reading = ReadingAhead()

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        self._expected.tell(chunks)

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        del raw_dir
        self._reading.begin(self._expected.after(chunk))
        audio = mark_of(chunk.path)
        with self._folder() as own:
            answer = Path(own) / f"{chunk.key.chunk_id}.json"
            ended = self._desk.door.run(
                [*self._command, "--input", str(chunk.path), "--output", str(answer)],
                env=self._environment,
                timeout_s=timeout_s,
            )
            if mark_of(chunk.path) != audio:
                raise ChunkUnreadableError(
                    f"{self._command[0]} changed its input {chunk.path}.",
                    "Cut the chunk again, and see that the program only reads what it is given.",
                    ended.returncode,
                    ended.stderr,
                )
            self._check_end(ended, chunk, timeout_s)
            payload = self._read(answer, chunk, ended.stderr)
        return _heard(payload, chunk, ended.stdout, ended.stderr)

    def close(self) -> None:
        """Hold nothing between chunks, let nothing go."""

    def _folder(self) -> "tempfile.TemporaryDirectory[str]":
        """Make a folder for one answer; whoever tidies up in /tmp may have taken the scratch one.

        Raises:
            AttemptError: it cannot be made.
        """
        scratch = self._desk.scratch
        try:
            scratch.mkdir(mode=0o700, exist_ok=True)
            return tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True)
        except OSError as error:
            raise AttemptError(
                f"{scratch}: no folder can be made there ({error.strerror}).",
                "Check free space and permissions, or set TMPDIR to another place.",
            ) from error

    def _check_end(self, ended: Finished, chunk: Chunk, timeout_s: float) -> None:
        name = self._command[0]
        if ended.timed_out:
            raise OutOfTimeError(
                f"{name} was ended after {timeout_s:g} s on {chunk.path}.",
                "Give it more time with --timeout.",
                None,
                ended.stderr,
            )
        if ended.returncode != 0:
            raise AttemptError(
                f"{name} {_ending(ended.returncode)} on {chunk.path}.",
                "Its last words are in stderr.",
                ended.returncode,
                ended.stderr,
            )

    def _read(self, answer: Path, chunk: Chunk, stderr: str) -> Any:  # noqa: ANN401 - JSON
        name = self._command[0]
        try:
            found = answer.stat()
            if not stat.S_ISREG(found.st_mode):
                fault = "left something at --output that is no file"
            elif found.st_size > _LARGEST_ANSWER_BYTES:
                fault = "wrote more than 256 MiB at --output"
            else:
                return parse_payload(answer.read_bytes())
        except OSError:
            fault = "wrote no file at --output"
        except DetectionFormError as error:
            fault = f"wrote a file at --output that is {error.message}"
        raise AttemptError(
            f"{name} ended with exit status 0 but {fault}, on {chunk.path}.",
            'It must write {"detections": [...]} as JSON.',
            0,
            stderr,
        )


def _ending(returncode: int) -> str:
    if returncode > 0:
        return f"ended with exit status {returncode}"
    names = {number.value: number.name for number in signal.Signals}
    return f"was ended by {names.get(-returncode, f'signal {-returncode}')}"


def _heard(payload: Any, chunk: Chunk, stdout: str, stderr: str) -> Heard:  # noqa: ANN401 - JSON
    """Check what the program wrote and take from it what is the runner's to say."""
    try:
        detections = detections_from(payload)
    except DetectionFormError as error:
        raise AttemptError(
            f"The runner's JSON for {chunk.path}: {error.message}",
            'It must write {"detections": [...]}.',
            0,
            stderr,
        ) from None
    fields = payload if isinstance(payload, dict) else {}
    for name, ours in zip(("recording_id", "chunk_id"), chunk.key, strict=True):
        if fields.get(name) not in (None, ours):
            raise AttemptError(
                f"The runner's JSON is for {name} {fields[name]!r}, not {ours!r}.",
                "It must write about the chunk that it was given.",
                0,
                stderr,
            )
    version = fields.get("model_version")
    return Heard(
        detections,
        model_version=version if isinstance(version, str) else None,
        extra=fields,
        stdout=stdout,
    )
