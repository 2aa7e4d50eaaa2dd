"""What a chunk's JSON, its audio and the runner say of each other: the one rule of what is done.

Planning, resuming, Prefect's cache and ``badc infer verify`` all ask :func:`examine`. They differ
only in how the audio is looked at: a run that goes on takes a file of the size and time that the
JSON records for the file that was heard, verification reads it.
"""

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badc.detections import ChunkResult, DetectionFormError, read_record, read_result
from badc.manifest import Chunk
from badc.results.audio import NOT_HERE, Audio, AudioDigests, is_link
from badc.results.finding import Kind
from badc.results.key import ResultKey, audio_name, result_path

_LARGEST_JSON_BYTES = 512 << 20
_SHOWN_LETTERS = 80

Fault = tuple[Kind, str]
"""What is wrong with a JSON: its kind, and why."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Which runner made a result, by the result's own word.

    Attributes:
        fingerprint: the runner's, or None where the JSON has none.
        kind: stub, custom, hawkears or birdnet, where the JSON says.
        is_stub: whether it heard nothing because it was the stub.
        settings: the runner in words, with its arguments, where the JSON says.
    """

    fingerprint: str | None
    kind: str | None = None
    is_stub: bool = False
    settings: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Return words for a sentence; whatever a hostile JSON says is kept short."""
        if self.fingerprint is None:
            return "an unnamed runner"
        name = f"{shown(self.kind or 'a runner', bare=True)} {shown(self.fingerprint, bare=True)}"
        return f"{name} ({shown(self.settings, bare=True)})" if self.settings else name


@dataclass(frozen=True, slots=True)
class Examination:
    """A chunk, looked at.

    Attributes:
        chunk: which one.
        path: where its JSON belongs.
        audio_fault: why its audio is not what the manifest means, or None.
        fault: kind (missing, corrupt or stale) and reason of what is wrong with the JSON, or None.
        maker: who made the JSON; None where it is missing or corrupt.
        by_digest: whether JSON and audio were compared by digest, not by size alone.
        result: the JSON, read; None where it is missing or corrupt.
        audio: the audio file.
    """

    chunk: Chunk
    path: Path
    audio_fault: str | None = None
    fault: Fault | None = None
    maker: Maker | None = None
    by_digest: bool = False
    result: ChunkResult | None = None
    audio: Audio = field(default_factory=Audio)

    @property
    def done(self) -> ChunkResult | None:
        """The result, where hearing the chunk now would give the same again; else None."""
        return self.result if self.fault is None and self.audio_fault is None else None

    def key(self, runner: str, digests: AudioDigests) -> ResultKey | None:
        """Return the key of what ``runner`` hears here now; None where there is no audio.

        A result of an earlier version, which tells no digest of its audio, is known by its size.
        """
        if self.done is not None:
            audio = recorded_audio(self.done)
        else:
            audio = digests.look(self.chunk.path, hashed=True)
        if audio.fault is not None:
            return None
        name = audio_name(audio.sha256, audio.size_bytes)
        return ResultKey(self.chunk.key, name, runner, self.chunk.start_ms, self.chunk.end_ms)


def examine(
    chunk: Chunk, path: Path, runner: str | None = None, digests: AudioDigests | None = None
) -> Examination:
    """Look at the audio of ``chunk`` and at the JSON that should stand at ``path``.

    Args:
        chunk: its audio need not be there.
        path: where the chunk's JSON belongs.
        runner: the fingerprint of the runner that is expected; None for any.
        digests: knows digests of audio, and takes a file of the recorded size and time for the
            one that was heard; None has the audio read, where there is a digest to compare with.
    """
    known = digests or AudioDigests()
    result = read_stored(chunk, path)
    if not isinstance(result, ChunkResult):
        hashed = digests is None and bool(chunk.sha256)
        audio = known.look(chunk.path, hashed=hashed)
        return Examination(chunk, path, _audio_fault(chunk, audio), result, audio=audio)
    recorded = recorded_audio(result)
    audio = known.look(
        chunk.path,
        hashed=bool(chunk.sha256 or recorded.sha256),
        earlier=None if digests is None else recorded,
    )
    audio_fault = _audio_fault(chunk, audio)
    other = _unlike_manifest(chunk, result)
    if other is None and audio_fault is None:
        other = _unlike_file(recorded, audio)
    maker = maker_of(result)
    if other is None and runner is not None and maker.fingerprint != runner:
        other = f"was made by {maker}"
    return Examination(
        chunk=chunk,
        path=path,
        audio_fault=audio_fault,
        fault=None if other is None else ("stale", other),
        maker=maker,
        by_digest=bool(recorded.sha256),
        result=result,
        audio=audio,
    )


def recorded_audio(result: ChunkResult) -> Audio:
    """Return what a result says of the audio file that it was made from."""
    told = result.provenance
    digest, size, time = map(told.get, ("audio_sha256", "chunk_bytes", "chunk_mtime_ns"))
    return Audio(
        size if isinstance(size, int) else None,
        time if isinstance(time, int) else None,
        digest if isinstance(digest, str) and digest else result.chunk_sha256 or None,
    )


def maker_of(result: ChunkResult) -> Maker:
    """Return the runner that a result names."""
    runner = result.provenance.get("runner_fingerprint")
    fingerprint = runner if isinstance(runner, str) else None
    settings = result.provenance.get("runner_settings")
    return Maker(
        fingerprint,
        result.runner,
        is_stub=result.status == "stub",
        settings=settings if isinstance(settings, str) else None,
    )


def _is_of(result: ChunkResult, key: ResultKey) -> bool:
    """Say whether a stored result is the one of ``key``."""
    recorded = recorded_audio(result)
    places = ((result.start_ms, key.start_ms), (result.end_ms, key.end_ms))
    return (
        result.key == key.chunk
        and maker_of(result).fingerprint == key.runner
        and audio_name(recorded.sha256, recorded.size_bytes) == key.audio
        and all(ours == theirs or None in (ours, theirs) for ours, theirs in places)
    )


def stored_record(output_dir: Path, key: ResultKey) -> dict[str, Any] | None:
    """Return the JSON of ``key`` below ``output_dir``, if it is there, whole, and of that key."""
    path = result_path(output_dir, key.chunk)
    if _file_fault(path):
        return None
    try:
        result, record = read_record(path)
    except DetectionFormError:
        return None
    return record if _is_of(result, key) else None


def shown(value: object, *, bare: bool = False) -> str:
    """Return ``value`` for a sentence, quoted unless ``bare``, its end left out if endless."""
    text = str(value)
    text = text if bare and text.isprintable() else repr(value)
    return text if len(text) <= _SHOWN_LETTERS else f"{text[:_SHOWN_LETTERS]}…"


def read_stored(chunk: Chunk, path: Path) -> ChunkResult | Fault:
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
        return "missing", NOT_HERE if is_link(path) else "there is no JSON"
    except OSError as error:
        return "corrupt", f"cannot be read ({error.strerror})"
    except ValueError as error:  # a path that a summary tells may be no path
        return "corrupt", f"cannot be read ({error})"
    if not stat.S_ISREG(found.st_mode):
        return "corrupt", "is no regular file"
    if found.st_size > _LARGEST_JSON_BYTES:
        return "corrupt", f"has {found.st_size >> 20} MiB, too many for one chunk's detections"
    return None


def _audio_fault(chunk: Chunk, audio: Audio) -> str | None:
    if audio.fault is None and chunk.sha256 and audio.sha256 and chunk.sha256 != audio.sha256:
        return f"its sha256 is {audio.sha256}, the manifest's is {shown(chunk.sha256)}"
    return audio.fault


def _unlike_manifest(chunk: Chunk, result: ChunkResult) -> str | None:
    """Say why the result is of other audio than the manifest means."""
    recorded = recorded_audio(result).sha256
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


def _unlike_file(recorded: Audio, audio: Audio) -> str | None:
    """Say why the result is of other audio than the chunk file holds."""
    if recorded.sha256 and recorded.sha256 != audio.sha256:
        return (
            f"was made from other audio: it records sha256 {shown(recorded.sha256)},"
            f" the chunk file has {audio.sha256}"
        )
    if recorded.size_bytes is None:
        return "does not record the size of the audio that it was made from"
    if recorded.size_bytes != audio.size_bytes:
        return (
            f"was made from other audio: it records {shown(recorded.size_bytes, bare=True)} bytes,"
            f" the chunk file has {audio.size_bytes}"
        )
    return None
