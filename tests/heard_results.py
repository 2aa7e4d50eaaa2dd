"""A folder of results as 'badc infer run' leaves it, made at once, for tests that damage it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc.detections import Detection, result_json, write_result
from badc.manifest import Chunk, ChunkKey, write_manifest
from badc.results import Maker, result_path
from badc.runs import Verification, verify

RUNNER = "0123456789abcdef"


@dataclass
class HeardResults:
    """Chunks, their audio, their manifest, and JSON of each.

    Attributes:
        root: holds ``audio``, ``manifest`` and the output folder ``out``.
        chunks: all equally long, but different.
    """

    root: Path
    chunks: list[Chunk]

    @classmethod
    def make(cls, root: Path, count: int = 3, *, hashed: bool = True, recording: str = "REC"):
        (root / "audio").mkdir(parents=True, exist_ok=True)
        heard = cls(root, [])
        for number in range(count):
            path = root / "audio" / f"{recording}-c{number}.wav"
            path.write_bytes(b"audio %04d of %s" % (number, recording.encode()))
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if hashed else None
            key, start_ms = ChunkKey(recording, f"c{number}"), 1000 * number
            chunk = Chunk(key, f"audio/{path.name}", path, start_ms, start_ms + 1000, sha256=digest)
            heard.chunks.append(chunk)
            heard.hear(chunk)
        write_manifest(heard.manifest, heard.chunks)
        return heard

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.csv"

    def json(self, chunk: Chunk | int) -> Path:
        key = self.chunks[chunk].key if isinstance(chunk, int) else chunk.key
        return result_path(self.out, key)

    def hear(self, chunk: Chunk, fingerprint: str | None = RUNNER, kind: str = "custom") -> None:
        detections = () if kind == "stub" else (Detection(1, 2, "OVEN"),)
        result = result_json(
            chunk,
            runner=kind,
            detections=detections,
            dataset_root=None,
            model_version=None,
            extra={},
            provenance={
                "runner_fingerprint": fingerprint,
                "chunk_bytes": chunk.path.stat().st_size,
            },
        )
        write_result(self.json(chunk), result)

    def change(self, which: int, /, **fields: Any) -> None:
        """Give the JSON of a chunk other fields; those of ``chunk`` and ``provenance`` merge."""
        path = self.json(which)
        result = json.loads(path.read_text())
        for name, value in fields.items():
            merged = isinstance(value, dict) and isinstance(result.get(name), dict)
            result[name] = {**result[name], **value} if merged else value
        path.write_text(json.dumps(result))

    def verify(self, asked: Maker | None = None) -> Verification:
        return verify(self.chunks, self.out, asked)

    def found(self, asked: Maker | None = None) -> list[tuple[str, str]]:
        """Return kind and chunk (or file name) of every finding."""
        return [
            (finding.kind, finding.key.chunk_id if finding.key else finding.path.name)
            for finding in self.verify(asked).findings
        ]
