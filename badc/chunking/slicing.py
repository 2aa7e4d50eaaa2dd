"""A recording as a stream of chunk files, in flat memory.

Whatever the overlap, one chunk is open at a time: what a chunk shares with the one before is
copied from that one's file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from badc.chunking.plan import CutPlan
from badc.chunking.recording import Recording
from badc.chunking.samples import Encoder
from badc.chunking.spans import Span
from badc.chunking.wav import WavDraft, WavShape


@dataclass(frozen=True, slots=True)
class Slice:
    """A chunk file made.

    Attributes:
        span: its place in the recording.
        path: the file.
        sha256: of the file.
        clipped, not_numbers: samples that it does not share with the one before and that were
            beyond full scale, or no numbers.
    """

    span: Span
    path: Path
    sha256: str
    clipped: int
    not_numbers: int


class Slicer:
    """Cuts one recording.

    Attributes:
        frames: how much of the recording has been written so far.
    """

    def __init__(self, plan: CutPlan, recording: Recording, encoder: Encoder) -> None:
        self.frames = 0
        self._plan = plan
        self._recording = recording
        self._encoder = encoder
        self._grid = plan.grid(recording.rate_hz)
        self._shape = WavShape(recording.rate_hz, recording.channels, encoder.width_bytes)
        self._before: Slice | None = None

    def slices(
        self, on_frames: Callable[[int], None], on_file: Callable[[Path], None]
    ) -> Iterator[Slice]:
        """Yield each chunk once it is on the disk; tell ``on_frames`` how far the cut has come.

        ``on_file`` is told each chunk file's path just before the file appears, so that whoever
        is interrupted knows of every one. A chunk is begun only when there is audio for it that no
        chunk has yet.

        Raises:
            BadcError: the recording is damaged.
            OSError: a chunk cannot be written.
        """
        spans = self._grid.spans()
        blocks = self._recording.blocks(self._encoder.dtype)
        block = next(blocks, None)
        while block is not None:
            span = next(spans)
            with WavDraft(self._plan.chunk_dir, self._plan.recording_id, self._shape) as draft:
                counted = self._encoder.clipped, self._encoder.not_numbers
                if self._before is not None and span.start_frame < self.frames:
                    draft.copy_tail(self._before.path, self.frames - span.start_frame)
                while block is not None and self.frames < span.end_frame:
                    taken, rest = _parted(block, span.end_frame - self.frames)
                    draft.write(self._encoder.encode(taken))
                    self.frames += len(taken)
                    on_frames(self.frames)
                    block = rest if len(rest) else next(blocks, None)
                self._before = self._published(draft, span, counted, on_file)
            yield self._before

    def _published(
        self,
        draft: WavDraft,
        span: Span,
        counted: tuple[int, int],
        on_file: Callable[[Path], None],
    ) -> Slice:
        span = self._grid.ending_at(span, self.frames)
        name = self._plan.chunk_id(span.start_ms, span.end_ms)
        path = self._plan.chunk_dir / f"{name}.wav"
        on_file(path)
        return Slice(
            span=span,
            path=path,
            sha256=draft.publish(path),
            clipped=self._encoder.clipped - counted[0],
            not_numbers=self._encoder.not_numbers - counted[1],
        )


def _parted(block: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    return block[:frames], block[frames:]
