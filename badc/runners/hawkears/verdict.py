"""Whether an attempt succeeded: HawkEars' exit status alone proves nothing.

Both generations log what goes wrong and end with status 0: on audio that cannot be decoded, on
missing models, on an unknown result type, on a file without an extension. 1.x even writes a table
without rows for audio that it could not load.
"""

import os
import re
from pathlib import Path

import numpy as np
import soundfile

from badc.errors import AttemptError, ChunkUnreadableError, OutOfTimeError
from badc.process import Finished
from badc.tail import last_line

_BLOCK_FRAMES = 1 << 18
_CLOCK = r"(?:\d\d:\d\d:\d\d\.\d+ )?"  # 1.x begins each line with the time
_FAULT = re.compile(
    rf"^{_CLOCK}(?:Traceback \(most recent call last\)"
    r"|Error\b|Caught exception|Exception in thread"
    r"|Model checkpoint files not found|Could not load recording|Unable to write file"
    r"|.*Skipping low-band classifier).*$",
    re.MULTILINE,
)
_UNCAUGHT = re.compile(r"Traceback|Exception in thread")
_RAISED = re.compile(r"^[\w.]+(?:Error|Exception)\b.*$", re.MULTILINE)
_CUT_SHORT = re.compile(r"Truncated audio from .* after ([0-9.]+) s of decoded audio")
_NOTHING_TO_HEAR = re.compile(r"No predictions generated for .*audio_error=None")
_LONGEST_WORDS = 300


def playing_time_s(path: Path) -> float:
    """Return how long the chunk is, by our own decoder.

    Raises:
        ChunkUnreadableError: HawkEars could not hear it either, or its name has no extension, by
            which HawkEars knows audio.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file may raise
        raise ChunkUnreadableError(
            f"{path}: there is no such file, or it is no file.",
            "If it is a dangling link into a git-annex, fetch its content (datalad get).",
        )
    if not path.suffix:
        raise ChunkUnreadableError(
            f"{path}: has no extension, and HawkEars knows audio by its extension.",
            "Let the manifest name the link (NAME.wav), not the annex object that it points to.",
        )
    frames = 0
    try:
        with soundfile.SoundFile(path) as sound:
            # not sound.blocks(): where decoding breaks off, it yields what was read before again
            while len(block := sound.read(_BLOCK_FRAMES, dtype="float32")):
                if not np.isfinite(block).all():
                    raise ChunkUnreadableError(
                        f"{path}: holds samples that are no finite numbers.", "Make it again."
                    )
                frames += len(block)
            rate_hz = sound.samplerate
    except (soundfile.SoundFileError, OSError) as error:
        raise ChunkUnreadableError(
            f"{path}: is no audio that can be decoded ({error}).", "Check or remove the file."
        ) from None
    if frames == 0:
        raise ChunkUnreadableError(f"{path}: holds no sound (0 frames).", "Remove the file.")
    return float(frames / rate_hz)


def refuse_failure(ended: Finished, chunk: Path, timeout_s: float) -> None:
    """Return when nothing that HawkEars said speaks against success.

    Raises:
        OutOfTimeError: it was ended.
        AttemptError: it failed, or logged an error that it caught.
        ChunkUnreadableError: it could decode only the beginning of the chunk.
    """
    if ended.timed_out:
        raise OutOfTimeError(
            f"HawkEars was ended after {timeout_s:g} s on {chunk}.",
            "Give it more time with --timeout.",
            None,
            ended.stderr,
        )
    said = f"{ended.stderr}\n{ended.stdout}".replace(str(chunk), chunk.name)
    if ended.returncode != 0:
        raise AttemptError(
            f"HawkEars ended with exit status {ended.returncode} on {chunk}: {last_line(said)}",
            "Its last words are in stderr.",
            ended.returncode,
            ended.stderr,
        )
    cut = _CUT_SHORT.search(said)
    if cut is not None:
        raise ChunkUnreadableError(
            f"{chunk}: is damaged; HawkEars could decode its first {cut[1]} s only.",
            "Copy it again from where it was recorded, or cut it there.",
            0,
            ended.stderr,
        )
    fault = _FAULT.search(said)
    if fault is not None:
        raised = _RAISED.search(said, fault.start())
        words = raised[0] if raised and _UNCAUGHT.search(fault[0]) else fault[0]
        raise AttemptError(
            f"HawkEars reported success but failed on {chunk}: {words[:_LONGEST_WORDS]}",
            "Its last words are in stderr.",
            0,
            ended.stderr,
        )


def heard_nothing_long_enough(ended: Finished) -> bool:
    """Say whether 2.x found the chunk too short to listen to; then it writes no table."""
    return _NOTHING_TO_HEAR.search(ended.stderr) is not None


def no_table(ended: Finished, chunk: Path, name: str) -> AttemptError:
    """Return the failure of a call that ended well and wrote nothing."""
    return AttemptError(
        f"HawkEars reported success but wrote no {name} for {chunk}.",
        "Check --hawkears-arg: --rtype must include csv, and -o is BADC's to set.",
        0,
        ended.stderr,
    )
