"""One attempt at one chunk, from its beginning to its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badc.detections import Heard
from badc.errors import ChunkUnreadableError
from badc.manifest import Chunk, ChunkKey
from badc.results import Audio


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """How a chunk ended well.

    Attributes:
        key: the chunk.
        output: its JSON.
        detections: how many were heard.
        attempts: how many it took in this run.
        slot: the label of the slot that it ended in.
        cached: whether it had been heard before, so that nothing was done.
        took_s: how long the attempt that ended well took.
        record: the chunk's JSON, where it was written just now.
    """

    key: ChunkKey
    output: str
    detections: int
    attempts: int
    slot: str
    cached: bool = False
    took_s: float = 0.0
    record: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An attempt that has begun.

    Attributes:
        chunk, attempt: which attempt at what.
        output: where the result will stand.
        audio: the chunk's audio file as it was then.
        began, clock_s: when, as the log tells it and by the monotonic clock.
    """

    chunk: Chunk
    attempt: int
    output: Path
    audio: Audio
    began: str
    clock_s: float


@dataclass(frozen=True, slots=True)
class Unkept:
    """What the runner heard, not yet written down.

    Attributes:
        under_way: the attempt.
        heard: what it brought.
        took_s: how long it took.
        opening_s: how much of that went by until the runner was open; None where it was before.
    """

    under_way: UnderWay
    heard: Heard
    took_s: float
    opening_s: float | None = None


def already_heard(output: Path, detections: int, labels: Mapping[str, int]) -> dict[str, Any]:
    """Return what the event of a chunk that had been heard before says of it."""
    return {
        "output": str(output),
        "reason": "already heard",
        "detections": detections,
        "labels": dict(labels),
    }


def refuse_other_audio(chunk: Chunk, audio: Audio) -> None:
    """Refuse to hear audio that is not the manifest's, or not there.

    Raises:
        ChunkUnreadableError: it is so.
    """
    if audio.fault is not None:
        raise ChunkUnreadableError(f"{chunk.path} {audio.fault}.", "Make the chunk again.")
    if chunk.sha256 and audio.sha256 != chunk.sha256:
        raise ChunkUnreadableError(
            f"{chunk.path} is not the audio that the manifest means: its sha256 is"
            f" {audio.sha256}, the manifest's {chunk.sha256[:80]!r}.",
            "Cut the recording again, or correct the manifest.",
        )
