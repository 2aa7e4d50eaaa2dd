"""What a slot has been told to expect."""

from collections import deque
from collections.abc import Sequence

from badc.manifest import Chunk


class Expected:
    """The chunks that come next in a slot, as far as anybody said."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()

    def tell(self, chunks: Sequence[Chunk]) -> None:
        """Expect these, in this order, instead of whatever was expected before."""
        self._chunks = deque(chunks)

    def after(self, chunk: Chunk) -> tuple[Chunk, ...]:
        """Note that the turn of ``chunk`` has come; return what is expected after it.

        Chunks before it are not waited for any longer. One that was not expected, such as one that
        is heard again after a failure, changes nothing, and nothing is said to follow it.
        """
        if chunk not in self._chunks:
            return ()
        while self._chunks.popleft() != chunk:
            pass
        return tuple(self._chunks)
