"""What decides how large a recording's chunks are."""

from dataclasses import dataclass

from badc.chunking.recording import Recording
from badc.chunking.samples import width_bytes
from badc.chunking.wav import WavShape


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a recording is sampled, as its chunks will be.

    Attributes:
        rate_hz, channels: as in the recording.
        width_bytes: of one sample in a chunk.
        length_ms: of the recording by its header, rounded up.
        chunk_room_ms: how much of it a chunk file can hold.
    """

    rate_hz: int
    channels: int
    width_bytes: int
    length_ms: int
    chunk_room_ms: int


def sampling_of(recording: Recording) -> Sampling:
    """Return the sampling of ``recording``; one whose header gives no length is read through.

    Raises:
        UsageError: its chunks could not be WAV files.
        BadcError: it is damaged.
    """
    width = width_bytes(recording)
    shape = WavShape(recording.rate_hz, recording.channels, width)
    length_ms = -(-1000 * recording.length() // recording.rate_hz)
    room_ms = 1000 * shape.room_frames // recording.rate_hz
    return Sampling(recording.rate_hz, recording.channels, width, length_ms, room_ms)
