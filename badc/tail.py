"""The end of what a program says: enough to tell why it failed, however much it said."""

import contextlib
import os

TAIL_BYTES = 16_384
_READ_BYTES = 65_536
_LAST_READS = 32  # more than a pipe can hold
_LONGEST_WORDS = 300


class Tail:
    """The last bytes of a stream, however much flows through it."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take in what came next."""
        self._kept += piece
        if len(self._kept) > 2 * TAIL_BYTES:
            del self._kept[:-TAIL_BYTES]

    def text(self) -> str:
        """Return it, undecodable bytes replaced."""
        return self._kept[-TAIL_BYTES:].decode("utf-8", errors="replace")


def last_line(text: str) -> str:
    """Return what a program said last, shortened to fit into a message."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LONGEST_WORDS] if lines else "it said nothing."


def read_piece(pipe: int, tail: Tail) -> bool:
    """Move one piece from a readable pipe to ``tail``; False at its end."""
    try:
        piece = os.read(pipe, _READ_BYTES)
    except BlockingIOError:
        return True
    tail.feed(piece)
    return bool(piece)


def read_what_waits(pipe: int, tail: Tail) -> None:
    """Take what a child left in its pipe; a grandchild that goes on writing is not waited for."""
    with contextlib.suppress(BlockingIOError):
        for _ in range(_LAST_READS):
            piece = os.read(pipe, _READ_BYTES)
            if not piece:
                return
            tail.feed(piece)
