"""Which slices a recording falls into: whole milliseconds outside, sample frames inside."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Span:
    """One slice of a recording.

    Attributes:
        start_ms, end_ms: its place in the recording.
        start_frame, end_frame: the same in sample frames; the end is not included.
        overlap_ms: how much of it repeats the slice before; 0 for the first.
    """

    start_ms: int
    end_ms: int
    start_frame: int
    end_frame: int
    overlap_ms: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Where slices begin and end.

    Attributes:
        duration_ms: length of a slice.
        overlap_ms: how much neighbours share; less than ``duration_ms``.
        rate_hz: sample frames per second.
    """

    duration_ms: int
    overlap_ms: int
    rate_hz: int

    def spans(self) -> Iterator[Span]:
        """Yield slices without end, each holding at least one frame that those before lack.

        A border in milliseconds is the same frame for the slice that ends and the one that begins
        there, so without overlap no frame is lost or repeated, whatever the sample rate.
        """
        before_ms = reached = 0
        for start_ms in count(0, self.duration_ms - self.overlap_ms):
            end_ms = start_ms + self.duration_ms
            end_frame = self._frame(end_ms)
            if end_frame <= reached:  # slices shorter than the time between two samples
                continue
            overlap_ms = max(0, before_ms - start_ms)
            yield Span(start_ms, end_ms, self._frame(start_ms), end_frame, overlap_ms)
            before_ms, reached = end_ms, end_frame

    def spans_of(self, frames: int) -> Iterator[Span]:
        """Yield the slices of a recording of ``frames`` frames, the last one cut to its end.

        There is no slice that lies wholly within the one before it.
        """
        reached = 0
        spans = self.spans()
        while reached < frames:
            span = self.ending_at(next(spans), frames)
            yield span
            reached = span.end_frame

    def ending_at(self, span: Span, frames: int) -> Span:
        """Return ``span``, cut where a recording of ``frames`` frames ends (rounded up to 1 ms)."""
        if span.end_frame <= frames:
            return span
        end_ms = -(-frames * 1000 // self.rate_hz)
        return Span(span.start_ms, end_ms, span.start_frame, frames, span.overlap_ms)

    def _frame(self, ms: int) -> int:
        return (ms * self.rate_hz + 500) // 1000
