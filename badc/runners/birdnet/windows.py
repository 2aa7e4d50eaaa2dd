"""A chunk file as the windows that BirdNET listens to: 3 s of mono at 48 kHz, end to end."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from badc.runners.birdnet.model import RATE_HZ, WINDOW_SAMPLES

_BLOCK_S = 30
_Samples = np.ndarray[Any, np.dtype[np.float32]]


class UnreadableAudioError(Exception):
    """The file cannot be listened to; the text says why."""


def mono_blocks(path: Path) -> Iterator[_Samples]:
    """Decode a file, mix its channels and resample it, some seconds at a time.

    Raises:
        UnreadableAudioError: it is no audio, is damaged, is empty or holds samples without value.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            if not sound.frames:
                raise UnreadableAudioError("holds no audio")
            resample = soxr.ResampleStream(sound.samplerate, RATE_HZ, 1, dtype="float32")
            left = sound.frames
            for block in sound.blocks(_BLOCK_S * sound.samplerate, dtype="float32", always_2d=True):
                left -= len(block)
                mono = block.mean(axis=1)
                if not np.isfinite(mono).all():
                    raise UnreadableAudioError("holds samples that are no finite numbers")
                yield resample.resample_chunk(mono, last=left <= 0)
            if left > 0:  # some headers promise more than there is
                yield resample.resample_chunk(np.empty(0, np.float32), last=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise UnreadableAudioError(f"cannot be decoded ({error})") from error


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
