"""A probe from its first attempt to its answer, everything on the record as it happens."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc import watchdog
from badc.chunking.recording import open_recording
from badc.chunking.samples import encoder_for
from badc.datalad import dataset_root
from badc.errors import BadcError
from badc.probing.attempt import Attempt, Bench
from badc.probing.plan import ProbePlan
from badc.probing.search import longest
from badc.process import ProcessDoor
from badc.runs import paths
from badc.telemetry import LogWriter, timestamp


@dataclass(frozen=True)
class Finding:
    """A probe's answer; the last line of its log.

    Attributes:
        recording, runner: who was heard, and the kind of who listened.
        attempts: all of them, in order.
        longest_s: the longest chunk that fits, or None where none did.
        too_long_s: the shortest that does not, or None where all did.
    """

    recording: Path
    runner: str
    attempts: tuple[Attempt, ...]
    longest_s: float | None
    too_long_s: float | None

    @property
    def at_least(self) -> bool:
        """Whether longer chunks than could be tried may fit too."""
        return self.too_long_s is None

    def to_json(self) -> dict[str, Any]:
        """Return the log's line."""
        return {
            "timestamp": timestamp(),
            "recording": str(self.recording),
            "runner": self.runner,
            "attempts": len(self.attempts),
            "chunk_duration_s": self.longest_s,
            "too_long_s": self.too_long_s,
            "at_least": self.at_least,
        }


@dataclass(frozen=True)
class BrokenOff:
    """The last line of a log without an answer: what ended the probe."""

    error: str

    def to_json(self) -> dict[str, Any]:
        """Return the log's line."""
        return {"timestamp": timestamp(), "error": self.error}


def claim_log(plan: ProbePlan) -> Path:
    """Return where a probe's attempts go: where the user said, or a fresh file of its own.

    That is ``artifacts/telemetry/chunk_probe/<recording>_<time>.jsonl``, in the recording's
    dataset or else in the working directory.

    Raises:
        BadcError: it cannot be made.
    """
    if plan.request.log is not None:
        return plan.request.log
    root = dataset_root(plan.cut.recording.parent) or Path.cwd()
    folder = root / "artifacts" / "telemetry" / "chunk_probe"
    try:
        return paths.claim_log(folder, plan.cut.recording_id)
    except OSError as error:
        raise BadcError(
            f"{folder}: no log can be written there ({error.strerror}).",
            "Choose another place with --log.",
        ) from error


def probe(plan: ProbePlan, log: LogWriter, tell: Callable[[Attempt], None]) -> Finding:
    """Find the longest chunk that fits; ``tell`` and the log hear of each attempt as it ends.

    However it ends, no process, chunk file or scratch folder is left.

    Raises:
        BadcError: an attempt failed for a reason that says nothing about memory or time, or
            something cannot be written.
    """
    try:
        finding = _search(plan, log, tell)
        log.write(finding)
    except OSError as error:
        raise BadcError(
            f"{error.filename or log.path}: cannot be written ({error.strerror or error}).",
            "Check free space; TMPDIR chooses another place for chunks, --log for the log.",
        ) from error
    except BaseException as error:
        log.write(BrokenOff(str(error) or type(error).__name__))
        raise
    return finding


def _search(plan: ProbePlan, log: LogWriter, tell: Callable[[Attempt], None]) -> Finding:
    attempts: list[Attempt] = []
    door = ProcessDoor(watched=True)
    with (
        open_recording(plan.cut.recording) as recording,
        tempfile.TemporaryDirectory(prefix="badc-probe-", ignore_cleanup_errors=True) as scratch,
    ):
        watchdog.guard(Path(scratch))
        bench = Bench(
            recording,
            encoder_for(recording),
            plan.cut,
            plan.request.runner,
            plan.slot,
            door,
            Path(scratch),
            plan.request.timeout_s,
        )

        def fits(duration_ms: int) -> bool:
            attempts.append(bench.attempt(duration_ms))
            log.write(attempts[-1])
            tell(attempts[-1])
            return attempts[-1].fits

        try:
            found = longest(fits, plan.limits)
        finally:
            door.close()
    return Finding(
        recording=plan.cut.recording,
        runner=plan.request.runner.kind,
        attempts=tuple(attempts),
        longest_s=found.fits_ms / 1000 if found.fits_ms else None,
        too_long_s=None if found.too_long_ms is None else found.too_long_ms / 1000,
    )
