"""Windows that are decoded ahead of the model."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.runners.birdnet.ahead import DecodingAhead
from badc.runners.birdnet.windows import UnreadableAudioError, mono_blocks, windows


@pytest.fixture
def noise(tmp_path: Path):
    def make(name: str, seconds: float) -> Path:
        path = tmp_path / name
        samples = np.random.default_rng(len(name)).normal(0, 0.1, round(seconds * 22_050))
        soundfile.write(path, samples.astype(np.float32), 22_050)
        return path

    return make


def _same(got, path: Path) -> bool:
    known = list(windows(mono_blocks(path)))
    got = list(got)
    return len(got) == len(known) and all(
        audio == whole and np.array_equal(samples, expected)
        for (samples, audio), (expected, whole) in zip(got, known, strict=True)
    )


@pytest.mark.parametrize("seconds", [0.01, 3, 14.9, 15, 15.1, 60, 100])
def test_what_is_decoded_ahead_is_what_would_be_decoded_in_turn(noise, seconds):
    ahead = DecodingAhead()
    first, second = noise("first.wav", seconds), noise("second.flac", 47)
    assert _same(ahead.windows(first, second), first)
    assert ahead._next.piece()  # the beginning of the second is there before it is asked for
    assert _same(ahead.windows(second, first), second)
    assert _same(ahead.windows(first, None), first)
    assert ahead._next is None


def test_one_that_was_begun_and_is_not_asked_for_is_dropped(noise):
    ahead = DecodingAhead()
    first, second = noise("first.wav", 20), noise("second.wav", 20)
    assert _same(ahead.windows(first, second), first)
    assert _same(ahead.windows(first, None), first)
    assert _same(ahead.windows(second, None), second)


def test_what_is_wrong_with_the_next_one_is_said_in_its_turn_if_it_is_wrong_still(noise, tmp_path):
    ahead = DecodingAhead()
    first, second = noise("first.wav", 20), tmp_path / "second.wav"
    second.write_bytes(b"no sound at all")
    assert _same(ahead.windows(first, second), first)
    with pytest.raises(UnreadableAudioError, match="cannot be decoded"):
        list(ahead.windows(second, None))
    assert _same(ahead.windows(first, second), first)
    noise("second.wav", 20)
    assert _same(ahead.windows(second, None), second)


def test_a_pipe_is_not_opened_ahead_of_its_turn(noise, tmp_path):
    ahead = DecodingAhead()
    first, pipe = noise("first.wav", 20), tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    assert _same(ahead.windows(first, pipe), first)
    assert ahead._next is None
