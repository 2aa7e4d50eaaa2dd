"""Bytes as a broken disk, a wrong editor or somebody with intent would leave them."""

from collections.abc import Callable
from random import Random

from tests.fuzz import oddities

_LONGEST_BYTES = 40_000  # what a few mutations make of a small document; longer ones say no more
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig")
_LINE_ENDS = (b"\r", b"\r\n", b"\n\n", b"\n\r", b"")


def mutated(rng: Random, raw: bytes, other: bytes) -> bytes:
    """Return ``raw`` with one to three things done to it; ``other`` is there to take from."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        raw = rng.choice(_WAYS)(rng, raw, other)[:_LONGEST_BYTES]
    return raw


def _piece(rng: Random, raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Take a document apart at a short piece of it, perhaps an empty one."""
    begin = rng.randrange(len(raw) + 1)
    end = begin + rng.choice((0, 1, 1, 2, 8, 64))
    return raw[:begin], raw[begin:end], raw[end:]


def _flipped_bits(rng: Random, raw: bytes, _: bytes) -> bytes:
    before, piece, after = _piece(rng, raw)
    return before + bytes(each ^ (1 << rng.randrange(8)) for each in piece) + after


def _killed_writer(rng: Random, raw: bytes, _: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _end_of_another(rng: Random, raw: bytes, other: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)] + other[rng.randrange(len(other) + 1) :]


def _lost(rng: Random, raw: bytes, _: bytes) -> bytes:
    before, _, after = _piece(rng, raw)
    return before + after


def _repeated(rng: Random, raw: bytes, _: bytes) -> bytes:
    before, piece, after = _piece(rng, raw)
    return before + piece * rng.choice((2, 3, 50)) + after


def _noise(rng: Random, raw: bytes, _: bytes) -> bytes:
    before, piece, after = _piece(rng, raw)
    return before + rng.randbytes(len(piece)) + after


def _slipped_in(rng: Random, raw: bytes, _: bytes) -> bytes:
    before, _, after = _piece(rng, raw)
    return before + rng.choice(oddities.BYTES) + after


def _other_encoding(rng: Random, raw: bytes, _: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode(rng.choice(_ENCODINGS), "replace")


def _other_line_ends(rng: Random, raw: bytes, _: bytes) -> bytes:
    return raw.replace(b"\n", rng.choice(_LINE_ENDS))


_WAYS: tuple[Callable[[Random, bytes, bytes], bytes], ...] = (
    _flipped_bits, _killed_writer, _end_of_another, _lost, _repeated, _noise, _slipped_in,
    _other_encoding, _other_line_ends,
)  # fmt: skip
