"""What every slot of one run needs to know; small, and picklable."""

from dataclasses import dataclass
from pathlib import Path

from badc.detections import ChunkResult
from badc.errors import AttemptError, BadcError
from badc.manifest import Chunk
from badc.results import (
    AudioDigests,
    Examination,
    ResultKey,
    examine,
    maker_of,
    read_stored,
    result_path,
)
from badc.runners.protocol import Runner

_LEAST_S = 600.0
_PER_AUDIO_SECOND = 30.0
_UNKNOWN_LENGTH_S = 3600.0

AUDIO_DIGESTS = AudioDigests()
"""What this process has learned of the audio that it hears."""


def attempt_limit_s(timeout_s: float | None, chunk: Chunk) -> float:
    """Return the time one attempt at ``chunk`` may take, in seconds.

    The default is one that no healthy chunk meets: ten minutes and thirty times its length.
    """
    if timeout_s is not None:
        return timeout_s
    length_s = _UNKNOWN_LENGTH_S if chunk.duration_s is None else chunk.duration_s
    return _LEAST_S + _PER_AUDIO_SECOND * length_s


@dataclass(frozen=True)
class Assignment:
    """The terms under which a run's chunks are heard.

    Attributes:
        runner: who listens.
        fingerprint: the runner's, worked out once.
        output_dir: where JSON goes (see :func:`badc.runs.paths.result_path`).
        dataset_root: the dataset the run belongs to, or None.
        timeout_s: limit of one attempt, or None for one by the chunk's length.
        max_retries: attempts after the first.
        keep_going: whether other chunks go on after one has failed for good.
        rerun: whether chunks already done are heard again (Prefect's ``refresh_cache``).
        slots: how many slots share the cores that a slot's worker may use.
        replaces: whether results of other runners give way, as somebody asked.
    """

    runner: Runner
    fingerprint: str
    output_dir: Path
    dataset_root: Path | None
    timeout_s: float | None
    max_retries: int
    keep_going: bool
    rerun: bool
    slots: int
    replaces: bool = False

    def place(self, chunk: Chunk) -> Path:
        """Return where a chunk's JSON goes."""
        return result_path(self.output_dir, chunk.key)

    def examine(self, chunk: Chunk) -> Examination:
        """Look whether a chunk has been heard, by this runner and from this audio."""
        return examine(chunk, self.place(chunk), self.fingerprint, AUDIO_DIGESTS)

    def key(self, chunk: Chunk) -> ResultKey | None:
        """Return what a chunk's result depends on, as a key; None where there is no audio."""
        return self.examine(chunk).key(self.fingerprint, AUDIO_DIGESTS)

    def refuse_to_replace(self, chunk: Chunk) -> None:
        """Refuse to write over what another run has put in a chunk's place since this one began.

        Raises:
            BadcError: there is a result of another runner that nobody asked to replace.
        """
        place = self.place(chunk)
        found = read_stored(chunk, place)
        if not isinstance(found, ChunkResult):
            return
        maker = maker_of(found)
        may = self.replaces and self.runner.kind != "stub"
        if maker.fingerprint != self.fingerprint and not maker.is_stub and not may:
            raise BadcError(
                f"{place}: another run has written the result of {maker} here meanwhile.",
                "It stays. Give each runner an --output-dir of its own.",
            )

    def limit_s(self, chunk: Chunk) -> float:
        """Return the time one attempt at ``chunk`` may take, in seconds."""
        return attempt_limit_s(self.timeout_s, chunk)

    def longest_s(self, chunk: Chunk) -> float:
        """Return how long one attempt may take where its runner has to be opened first."""
        return self.runner.opening_limit_s + self.limit_s(chunk)

    def backoff_s(self, attempt: int) -> float | None:
        """Return the pause after a failed ``attempt`` (from 1), or None when it was the last."""
        return None if attempt > self.max_retries else min(2.0**attempt, 5.0)

    def pause_after_s(self, error: Exception, attempt: int) -> float | None:
        """Return the pause after a failed ``attempt``, None where none follows ``error``."""
        again = isinstance(error, AttemptError) and error.transient
        return self.backoff_s(attempt) if again else None

    def backoffs_s(self, earlier: int = 0) -> list[float]:
        """Return all pauses of a chunk that always fails, up to where they no longer grow.

        ``earlier`` attempts have been made already.
        """
        last = min(self.max_retries, earlier + 3)
        return [min(2.0**attempt, 5.0) for attempt in range(earlier + 1, last + 1)]
