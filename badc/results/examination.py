"""What a chunk's file and its JSON say of each other.

What :func:`badc.results.intact_result` takes for intact is judged here with reasons, and with the
digest of the audio itself: that costs reading it, which a run that goes on cannot afford.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from badc.detections import ChunkResult, DetectionFormError, read_result
from badc.manifest import Chunk
from badc.results.finding import Kind

_LARGEST_JSON_BYTES = 512 << 20
_SHOWN_LETTERS = 80
_NOT_HERE = "is a link to content that is not here ('datalad get' fetches it)"

Fault = tuple[Kind, str]
"""What is wrong with a JSON: its kind, and why."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Which runner made a result, by the result's own word.

    Attributes:
        fingerprint: the runner's, or None where the JSON has none.
        kind: stub, custom, hawkears or birdnet, where the JSON says.
        is_stub: whether it heard nothing because it was the stub.
    """

    fingerprint: str | None
    kind: str | None = None
    is_stub: bool = False

    def __str__(self) -> str:
        """Return words for a sentence; whatever a hostile JSON says is kept short."""
        if self.fingerprint is None:
            return "an unnamed runner"
        return f"{shown(self.kind or 'a runner', bare=True)} {shown(self.fingerprint, bare=True)}"


@dataclass(frozen=True, slots=True)
class Examination:
    """A chunk, looked at.

    Attributes:
        chunk: which one.
        path: where its JSON belongs.
        audio_fault: why its audio is not what the manifest means, or None.
        fault: kind (missing, corrupt or stale) and reason of what is wrong with the JSON,
            whoever made it, or None.
        maker: who made the JSON; None where it is missing or corrupt.
        by_digest: whether JSON and audio were compared by digest, not by size alone.
    """

    chunk: Chunk
    path: Path
    audio_fault: str | None = None
    fault: Fault | None = None
    maker: Maker | None = None
    by_digest: bool = False


@dataclass(frozen=True, slots=True)
class _Audio:
    """A chunk file: its size and, where asked for, its digest; or why there is none."""

    size_bytes: int | None = None
    sha256: str | None = None
    fault: str | None = None


def examine(chunk: Chunk, path: Path) -> Examination:
    """Look at the audio of ``chunk`` and at the JSON that should stand at ``path``.

    The audio is read, in blocks, where manifest or JSON give a digest to compare with.
    """
    result = _result(chunk, path)
    recorded = result.chunk_sha256 if isinstance(result, ChunkResult) else None
    audio = _audio(chunk.path, hashed=bool(chunk.sha256 or recorded))
    audio_fault = audio.fault
    if audio_fault is None and chunk.sha256 and chunk.sha256 != audio.sha256:
        audio_fault = f"its sha256 is {audio.sha256}, the manifest's is {shown(chunk.sha256)}"
    if not isinstance(result, ChunkResult):
        return Examination(chunk, path, audio_fault, result)
    other = _unlike_manifest(chunk, result)
    if other is None and audio_fault is None:
        other = _unlike_file(result, audio)
    runner = result.provenance.get("runner_fingerprint")
    return Examination(
        chunk=chunk,
        path=path,
        audio_fault=audio_fault,
        fault=None if other is None else ("stale", other),
        maker=Maker(
            runner if isinstance(runner, str) else None, result.runner, result.status == "stub"
        ),
        by_digest=bool(recorded),
    )


def shown(value: object, *, bare: bool = False) -> str:
    """Return ``value`` for a sentence, quoted unless ``bare``, its end left out if endless."""
    text = str(value)
    text = text if bare and text.isprintable() else repr(value)
    return text if len(text) <= _SHOWN_LETTERS else f"{text[:_SHOWN_LETTERS]}…"


def _result(chunk: Chunk, path: Path) -> ChunkResult | Fault:
    """Return the JSON at ``path``, if it is one about ``chunk``; else what is wrong."""
    if fault := _file_fault(path):
        return fault
    try:
        result = read_result(path)
    except DetectionFormError as error:
        return "corrupt", error.message.removeprefix(f"{path}: ").removesuffix(".")
    if result.key != chunk.key:
        return "corrupt", f"is about chunk {shown(str(result.key))}"
    if not isinstance(result.chunk_sha256, str | None):
        return "corrupt", "its chunk's sha256 is no text"
    return result


def _file_fault(path: Path) -> Fault | None:
    """Say why ``path`` should not even be opened; reading a pipe would wait for ever."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return "missing", _NOT_HERE if _is_link(path) else "there is no JSON"
    except OSError as error:
        return "corrupt", f"cannot be read ({error.strerror})"
    if not stat.S_ISREG(found.st_mode):
        return "corrupt", "is no regular file"
    if found.st_size > _LARGEST_JSON_BYTES:
        return "corrupt", f"has {found.st_size >> 20} MiB, too many for one chunk's detections"
    return None


def _is_link(path: Path) -> bool:
    return os.path.islink(path)  # noqa: PTH114 - unlike Path, it never raises


def _audio(path: Path, *, hashed: bool) -> _Audio:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return _Audio(fault="is no regular file")
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest() if hashed else None
            return _Audio(os.fstat(stream.fileno()).st_size, digest)
    except FileNotFoundError:
        return _Audio(fault=_NOT_HERE if _is_link(path) else "there is no such chunk file")
    except OSError as error:
        return _Audio(fault=f"cannot be read ({error.strerror})")


def _unlike_manifest(chunk: Chunk, result: ChunkResult) -> str | None:
    """Say why the result is of other audio than the manifest means."""
    recorded = result.chunk_sha256
    if recorded and chunk.sha256 and recorded != chunk.sha256:
        return (
            f"was made from other audio: it records sha256 {shown(recorded)},"
            f" the manifest gives {shown(chunk.sha256)}"
        )
    ours, theirs = (chunk.start_ms, chunk.end_ms), (result.start_ms, result.end_ms)
    if None not in (*ours, *theirs) and ours != theirs:
        return (
            f"was made from {shown(theirs[0])} to {shown(theirs[1])} ms of the recording,"
            f" the manifest says {ours[0]} to {ours[1]} ms"
        )
    return None


def _unlike_file(result: ChunkResult, audio: _Audio) -> str | None:
    """Say why the result is of other audio than the chunk file holds."""
    recorded = result.chunk_sha256
    if recorded and recorded != audio.sha256:
        return (
            f"was made from other audio: it records sha256 {shown(recorded)},"
            f" the chunk file has {audio.sha256}"
        )
    size = result.provenance.get("chunk_bytes")
    if not isinstance(size, int):
        return "does not record the size of the audio that it was made from"
    if size != audio.size_bytes:
        return (
            f"was made from other audio: it records {shown(size, bare=True)} bytes,"
            f" the chunk file has {audio.size_bytes}"
        )
    return None
