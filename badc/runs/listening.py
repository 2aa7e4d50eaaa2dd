"""Hearing chunks in one slot: one attempt after the other, each on the record."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from badc import __version__, watchdog
from badc.detections import Heard, label_counts, result_json, write_result
from badc.errors import AttemptError, RunStoppedError, SlotLostError
from badc.hardware import Slot, usable_cores
from badc.manifest import Chunk
from badc.process import ProcessDoor
from badc.results import raw_dir
from badc.runners.device_fault import device_fault
from badc.runners.protocol import Desk, OpenRunner
from badc.runs.assignment import AUDIO_DIGESTS, Assignment
from badc.runs.attempt import (
    ChunkOutcome,
    UnderWay,
    Unkept,
    already_heard,
    refuse_other_audio,
)
from badc.telemetry import Event, timestamp

_TAIL_LETTERS = 500
_TERMINATED = (-signal.SIGTERM, 128 + signal.SIGTERM)  # the second by way of a shell
_SETTLE_S = 1.0


class ListeningSlot:
    """A slot at work. One thread at a time hears in it; any thread may stop it.

    The runner is opened at the first chunk that needs it and stays open for the next ones.
    """

    def __init__(self, slot: Slot, assignment: Assignment, report: Callable[[Event], None]) -> None:
        self.slot = slot
        self._assignment = assignment
        self._report = report
        self._door = ProcessDoor(watched=True)
        self._lock = threading.Lock()
        self._open: OpenRunner | None = None
        self._expected: tuple[Chunk, ...] = ()  # kept until there is a runner to tell
        self._scratch: Path | None = None
        self._stopped = ""  # why, once it is

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """Say which chunks come next in this slot, in order, unless something fails.

        A hint to the runner, which may make ready for them; see
        :class:`badc.runners.protocol.OpenRunner`. By the thread that hears.
        """
        runner = self._open
        if runner is None:
            self._expected = tuple(chunks)
        else:
            runner.expect(chunks)

    def hear(self, chunk: Chunk, attempt: int) -> ChunkOutcome:
        """Make one attempt (counted from 1) at one chunk.

        Raises:
            AttemptError: it failed; ``transient`` says whether another attempt may help.
            RunStoppedError: the slot was stopped; the chunk is as it was.
            BadcError: its result could not be written.
        """
        return self.keep(self.listen(chunk, attempt))

    def answered(self, chunk: Chunk) -> ChunkOutcome | None:
        """Return the outcome of a chunk that has been heard before, and tell of it; else None."""
        assignment = self._assignment
        known = None if assignment.rerun else assignment.examine(chunk).done
        if known is None:
            return None
        output, count = assignment.place(chunk), len(known.detections)
        details = already_heard(output, count, label_counts(known.detections))
        self._tell(chunk, "skipped", details)
        return ChunkOutcome(chunk.key, str(output), count, 0, self.slot.label, cached=True)

    def listen(self, chunk: Chunk, attempt: int) -> Unkept:
        """Make the first half of an attempt, in which the runner is needed; see :meth:`hear`."""
        if self._stopped:
            raise RunStoppedError(f"Not begun: {self._stopped}.")
        output = self._assignment.place(chunk)
        audio = AUDIO_DIGESTS.look(chunk.path, hashed=True)
        under_way = UnderWay(chunk, attempt, output, audio, timestamp(), time.monotonic())
        self._tell(chunk, "start", {"attempt": attempt}, under_way.began)
        with self._on_record(under_way):
            refuse_other_audio(chunk, audio)
            heard, opening_s = self._heard(chunk, output)
        return Unkept(under_way, heard, time.monotonic() - under_way.clock_s, opening_s)

    def keep(self, unkept: Unkept) -> ChunkOutcome:
        """Make the second half: write the result, and tell of it. Any thread may."""
        chunk, heard = unkept.under_way.chunk, unkept.heard
        attempt, output = unkept.under_way.attempt, str(unkept.under_way.output)
        with self._on_record(unkept.under_way):
            record = self._write(unkept)
        details = {
            "attempt": attempt,
            "audio_s": chunk.duration_s,
            "output": output,
            "runner": self._assignment.runner.kind,
            "detections": len(heard.detections),
            "labels": label_counts(heard.detections),
            "stdout": heard.stdout[-_TAIL_LETTERS:],
        }
        if unkept.opening_s is not None:
            details["opening_s"] = round(unkept.opening_s, 3)
        self._tell(chunk, "success", details, unkept.under_way.began, unkept.took_s)
        return ChunkOutcome(
            chunk.key,
            output,
            len(heard.detections),
            attempt,
            self.slot.label,
            took_s=unkept.took_s,
            record=record,
        )

    def gives_up(self, error: Exception, attempt: int) -> bool:
        """Say whether a chunk is not tried again after an attempt that failed with ``error``."""
        return self._assignment.pause_after_s(error, attempt) is None

    def stop(self, why: str = "the run is ending") -> None:
        """End what is running, let nothing new begin, and let go of everything.

        ``why`` is told of each chunk that is not heard because of it.
        """
        with self._lock:
            self._stopped = self._stopped or why
            runner, self._open = self._open, None
            scratch, self._scratch = self._scratch, None
        self._door.close()
        if runner is not None:
            runner.close()
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
            watchdog.release(scratch)

    @contextmanager
    def _on_record(self, under_way: UnderWay) -> Iterator[None]:
        """Tell how an attempt failed, if it does."""
        try:
            yield
        except RunStoppedError as error:
            told = RunStoppedError(f"Broken off: {self._stopped or error}".rstrip(".") + ".")
            took_s = time.monotonic() - under_way.clock_s
            details = {"attempt": under_way.attempt, "error": str(told), "interrupted": True}
            self._tell(under_way.chunk, "failure", details, under_way.began, took_s)
            raise told from error
        except Exception as error:
            lost = self._lost(error, under_way.attempt)
            details = self._failure(lost or error, under_way.attempt)
            took_s = time.monotonic() - under_way.clock_s
            self._tell(under_way.chunk, "failure", details, under_way.began, took_s)
            if lost is not None:
                self._reopen()
                raise lost from error
            raise

    def _lost(self, error: Exception, attempt: int) -> SlotLostError | None:
        """Return the error to raise instead where it was the GPU that failed."""
        if self.slot.gpu is None or not isinstance(error, AttemptError) or not error.transient:
            return None
        fault = device_fault(error.stderr_tail, error.message)
        return None if fault is None else SlotLostError(error, fault, self.slot.label, attempt)

    def _reopen(self) -> None:
        """Let go of the runner; the next chunk opens another one."""
        with self._lock:
            runner, self._open = self._open, None
        if runner is not None:
            runner.close()

    def _heard(self, chunk: Chunk, output: Path) -> tuple[Heard, float | None]:
        """Let the runner listen; return also how long it took to open it, if it had to be.

        Whoever ended it with a SIGTERM that was not ours may be ending this worker as well, as
        Slurm does with a job. After a moment we know; the chunk is then heard elsewhere, and has
        not failed.
        """
        try:
            opened, clock_s = self._open is not None, time.monotonic()
            runner = self._runner()
            opening_s = None if opened else time.monotonic() - clock_s
            limit_s = self._assignment.limit_s(chunk)
            return runner.hear(chunk, raw_dir(output), limit_s), opening_s
        except AttemptError as error:
            if error.returncode in _TERMINATED:
                time.sleep(_SETTLE_S)
                if self._stopped:
                    raise RunStoppedError(f"{chunk.key}: the worker is ending.") from error
            raise

    def _runner(self) -> OpenRunner:
        """Return the open runner, opening it first where it is not."""
        if self._open is None:
            with self._lock:
                if self._stopped:
                    raise RunStoppedError("The run is ending; no runner is opened.")
                if self._scratch is None:
                    self._scratch = Path(tempfile.mkdtemp(prefix=f"badc-{self.slot.label}-"))
                    watchdog.guard(self._scratch)
            threads = max(1, usable_cores() // max(1, self._assignment.slots))
            desk = Desk(self.slot, self._door, self._scratch, threads)
            runner = self._assignment.runner.open(desk)
            runner.expect(self._expected)
            self._open, self._expected = runner, ()
            return runner
        return self._open

    def _write(self, unkept: Unkept) -> dict[str, Any]:
        assignment, heard, chunk = self._assignment, unkept.heard, unkept.under_way.chunk
        output, audio = unkept.under_way.output, unkept.under_way.audio
        if AUDIO_DIGESTS.look(chunk.path, hashed=False, earlier=audio) != audio:
            raise AttemptError(f"{chunk.path} changed while it was heard.", "It is heard again.")
        result = result_json(
            chunk,
            runner=assignment.runner.kind,
            detections=heard.detections,
            dataset_root=assignment.dataset_root,
            model_version=heard.model_version,
            extra=heard.extra,
            provenance={
                "runner_fingerprint": assignment.fingerprint,
                "runner_settings": str(assignment.runner),
                "audio_sha256": audio.sha256,
                "chunk_bytes": audio.size_bytes,
                "chunk_mtime_ns": audio.mtime_ns,
                "audio_path": os.path.relpath(chunk.path, output.parent),
                "attempt": unkept.under_way.attempt,
                "worker": self.slot.label,
                "badc_version": __version__,
                "finished_at": timestamp(),
            },
        )
        if self._stopped:
            raise RunStoppedError(f"{chunk.key}: heard, but not written.")
        assignment.refuse_to_replace(chunk)
        write_result(output, result)
        return result

    def _failure(self, error: Exception, attempt: int) -> dict[str, Any]:
        backoff_s = self._assignment.pause_after_s(error, attempt)
        lost = isinstance(error, SlotLostError)
        return {
            "attempt": attempt,
            "error": f"{type(error).__name__}: {error}",
            "returncode": getattr(error, "returncode", None),
            "stderr": getattr(error, "stderr_tail", "")[-_TAIL_LETTERS:],
            # elsewhere it may go better at once
            "backoff_s": 0.0 if lost and backoff_s is not None else backoff_s,
        }

    def _tell(
        self,
        chunk: Chunk,
        status: Any,  # noqa: ANN401 - one of badc.telemetry.event.Status
        details: dict[str, Any],
        began: str | None = None,
        runtime_s: float | None = None,
    ) -> None:
        gpu, now = self.slot.gpu, timestamp()
        self._report(
            Event(
                recording_id=chunk.key.recording_id,
                chunk_id=chunk.key.chunk_id,
                worker=self.slot.label,
                status=status,
                timestamp=began or now,
                finished_at=None if status == "start" else now,
                runtime_s=None if runtime_s is None else round(runtime_s, 3),
                gpu_index=gpu.index if gpu else None,
                gpu_uuid=gpu.uuid if gpu else None,
                gpu_name=gpu.name if gpu else None,
                details=details,
            )
        )
