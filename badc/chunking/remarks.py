"""What is worth saying about a cut: notes of chunks, warnings about the recording."""

from collections.abc import Sequence

from badc.chunking.recording import Recording
from badc.chunking.samples import Encoder
from badc.chunking.slicing import Slice


def shortfall(recording: Recording, frames: int) -> str:
    """Say that the header promised more than the ``frames`` that were decoded, or nothing."""
    promised = recording.promised_frames or 0
    if frames >= promised:
        return ""
    rate_hz = recording.rate_hz
    return (
        f"recording ends early: {frames / rate_hz:.3f} s of the {promised / rate_hz:.1f} s"
        " that its header promises"
    )


def chunk_notes(encoder: Encoder, slices: Sequence[Slice], short: str) -> list[str]:
    """Return the notes of each chunk, mostly empty."""
    notes = [
        "; ".join(filter(None, [_scaled(encoder), _lost(piece.clipped, piece.not_numbers)]))
        for piece in slices
    ]
    notes[-1] = "; ".join(filter(None, [notes[-1], short]))
    return notes


def warnings(recording: Recording, encoder: Encoder, short: str) -> tuple[str, ...]:
    """Return what the user should know about the recording, one line each."""
    texts = (short, _scaled(encoder), _lost(encoder.clipped, encoder.not_numbers))
    return tuple(f"{recording.path}: {text}." for text in texts if text)


def _scaled(encoder: Encoder) -> str:
    if not encoder.halvings:
        return ""
    factor = f"1/{2**encoder.halvings}" if encoder.halvings < 32 else f"2^-{encoder.halvings}"
    return f"scaled by {factor}, for it has samples beyond full scale"


def _lost(clipped: int, not_numbers: int) -> str:
    said = (
        (clipped, "clipped at full scale"),
        (not_numbers, "made silent, for they were no numbers"),
    )
    return "; ".join(f"{number} samples {fate}" for number, fate in said if number)
