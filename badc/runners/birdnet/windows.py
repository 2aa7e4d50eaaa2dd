"""A chunk file as the windows that BirdNET listens to: 3 s of mono at 48 kHz, end to end."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from badc.runners.birdnet.model import RATE_HZ, WINDOW_SAMPLES

_BLOCK_SAMPLES = 1 << 17  # of all channels; much larger ones cost page faults, smaller ones calls
_ENDLESS = 1 << 62  # libsndfile's length of a stream whose header does not tell
_HEADER_SLACK_S = 0.25  # a lossy codec's header may be off by its padding
_Samples = np.ndarray[Any, np.dtype[np.float32]]


class UnreadableAudioError(Exception):
    """The file cannot be listened to; the text says why."""


def mono_blocks(path: Path) -> Iterator[_Samples]:
    """Decode a file, mix its channels and resample it, some seconds at a time.

    Raises:
        UnreadableAudioError: it is no audio, is damaged, breaks off, is empty, or holds samples
            without value.
    """
    try:
        path.stat()  # libsndfile has no words for a missing file
        with soundfile.SoundFile(os.fsencode(path)) as sound:
            if not sound.frames:
                raise UnreadableAudioError("holds no audio")
            resample = soxr.ResampleStream(sound.samplerate, RATE_HZ, 1, dtype="float32")
            decoded = 0
            for mono in _mixed(sound):
                decoded += len(mono)
                yield resample.resample_chunk(mono)
            _refuse_shortfall(sound, decoded)
            yield resample.resample_chunk(np.empty(0, np.float32), last=True)
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(f"cannot be decoded ({_reason(error.error_string)})") from error
    except OSError as error:
        raise UnreadableAudioError(f"cannot be read ({error.strerror or error})") from error


def _mixed(sound: Any) -> Iterator[_Samples]:  # noqa: ANN401 - soundfile has no types
    """Yield what can be decoded, its channels averaged.

    ``SoundFile.blocks`` would not do: where a file breaks off it goes on to the length promised,
    with what its memory held before.
    """
    frames = max(1, _BLOCK_SAMPLES // sound.channels)
    while len(block := sound.read(frames, dtype="float32", always_2d=True)):
        mono = block[:, 0] if sound.channels == 1 else block.mean(axis=1)
        if not np.isfinite(mono).all():
            raise UnreadableAudioError("holds samples that are no finite numbers")
        yield mono


def _refuse_shortfall(sound: Any, decoded: int) -> None:  # noqa: ANN401 - soundfile has no types
    """Refuse a file that broke off: to hear its beginning only would be no sign of absence."""
    missing_s = (sound.frames - decoded) / sound.samplerate
    if not decoded or (sound.frames < _ENDLESS and missing_s > _HEADER_SLACK_S):
        whole_s = sound.frames / sound.samplerate
        raise UnreadableAudioError(
            f"breaks off after {decoded / sound.samplerate:.1f} of {whole_s:.1f} s"
        )


def _reason(text: str) -> str:
    return text.removeprefix("Error : ").strip().rstrip(".")


def windows(blocks: Iterable[_Samples]) -> Iterator[tuple[_Samples, int]]:
    """Cut a stream of samples into windows; yield each with how many of its samples are audio.

    The last one is filled up with silence, however short it is: nothing goes unheard.
    """
    waiting = np.empty(0, np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while len(waiting) >= WINDOW_SAMPLES:
            yield waiting[:WINDOW_SAMPLES], WINDOW_SAMPLES
            waiting = waiting[WINDOW_SAMPLES:]
    if len(waiting):
        yield np.pad(waiting, (0, WINDOW_SAMPLES - len(waiting))), len(waiting)
