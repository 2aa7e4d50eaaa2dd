"""The runner that hears nothing: for trying out everything around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.detections import Heard
from badc.manifest import Chunk
from badc.runners.fingerprint import fingerprint_of
from badc.runners.protocol import Desk


@dataclass(frozen=True)
class StubRunner:
    """Answers every chunk with no detections, marked ``stub`` in its JSON."""

    kind = "stub"
    opening_limit_s = 0.0

    def check(self) -> None:
        """There is nothing that could be missing."""

    def fingerprint(self) -> str:
        """See :class:`badc.runners.protocol.Runner`."""
        return fingerprint_of(self.kind)

    def __str__(self) -> str:
        """Return its name."""
        return "the stub, which hears nothing"

    def open(self, desk: Desk) -> "OpenStub":
        """See :class:`badc.runners.protocol.Runner`."""
        del desk
        return OpenStub()


class OpenStub:
    """A stub at work."""

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """Prepare for nothing."""

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """Hear nothing."""
        del chunk, raw_dir, timeout_s
        return Heard(())

    def close(self) -> None:
        """Hold nothing, let nothing go."""
