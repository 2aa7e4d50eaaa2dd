"""What a chunk's result depends on, as one key; and where a result of that key is kept."""

import re
from dataclasses import dataclass
from pathlib import Path

from badc.manifest import ChunkKey

_FORM = re.compile(
    r"(?P<recording>[^/]+)/(?P<chunk>[^/]+)@(?P<audio>[^@.]+)\.(?P<runner>[^@.]*)"
    r"\.(?P<start>\d*)-(?P<end>\d*)"
)
_AUDIO_DIGITS = 32


@dataclass(frozen=True, slots=True)
class ResultKey:
    """Everything that decides a chunk's result.

    Attributes:
        chunk: recording and chunk id.
        audio: names the content of the chunk's audio; see :func:`audio_name`.
        runner: the runner's fingerprint: its kind, program, arguments, model files and version.
        start_ms, end_ms: the chunk's place in the recording, or None where nobody says.
    """

    chunk: ChunkKey
    audio: str
    runner: str
    start_ms: int | None = None
    end_ms: int | None = None

    def __str__(self) -> str:
        """Return it as Prefect's storage key: ``recording/chunk@audio.runner.start-end``."""
        start = "" if self.start_ms is None else self.start_ms
        end = "" if self.end_ms is None else self.end_ms
        return f"{self.chunk}@{self.audio}.{self.runner}.{start}-{end}"

    @classmethod
    def parse(cls, text: str) -> "ResultKey | None":
        """Return the key that ``text`` is, or None where it is none."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        start, end = found["start"], found["end"]
        return cls(
            ChunkKey(found["recording"], found["chunk"]),
            found["audio"],
            found["runner"],
            int(start) if start else None,
            int(end) if end else None,
        )


def audio_name(sha256: str | None, size_bytes: object) -> str:
    """Return what names audio in a key: its digest, or its size where a result tells no digest."""
    return sha256[:_AUDIO_DIGITS] if sha256 else f"size-{size_bytes}"


def result_path(output_dir: Path, key: ChunkKey) -> Path:
    """Return where one chunk's JSON goes.

    ``<output_dir>/<recording>/<chunk>.json``; an output folder already named for the recording
    takes the file directly.
    """
    folder = output_dir if output_dir.name == key.recording_id else output_dir / key.recording_id
    return folder / f"{key.chunk_id}.json"


def raw_dir(result: Path) -> Path:
    """Return where a chunk's raw runner output is kept, beside its JSON."""
    return result.with_name(f"{result.stem}_hawkears")
