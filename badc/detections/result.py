"""The JSON of one chunk: what was heard, in which chunk, by whom."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badc.atomic import write_whole
from badc.detections.detection import Detection, DetectionFormError
from badc.detections.payload import detections_from, parse_payload
from badc.manifest import Chunk, ChunkKey, name_from

_STATUSES = frozenset({"ok", "no_detections", "stub"})


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """A chunk's JSON, read.

    Attributes:
        key: the chunk.
        status: ``ok``, ``no_detections`` or ``stub``.
        detections: possibly none.
        chunk_sha256: digest of the chunk file that was heard, where known.
        start_ms, end_ms: the chunk's place in the recording, where the file says.
        runner: its kind, where the file says.
        source_path: the manifest's words for the chunk file, where the file says.
        provenance: which runner made it, when and how; empty in files from before BADC kept it.
    """

    key: ChunkKey
    status: str
    detections: tuple[Detection, ...]
    chunk_sha256: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    runner: str | None = None
    source_path: str | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)


def result_json(
    chunk: Chunk,
    *,
    runner: str,
    detections: tuple[Detection, ...],
    dataset_root: Path | None,
    model_version: str | None,
    extra: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the wire form of one chunk's result. ``extra`` cannot replace a field of ours.

    ``source_path`` starts from ``dataset_root`` where the chunk lies in it, else from the folder
    that its manifest names it from, which the result then gives as its ``dataset_root``.
    """
    root = dataset_root
    if root is None or not chunk.path.is_relative_to(root):
        root = chunk.named_from
    status = "ok" if detections else "stub" if runner == "stub" else "no_detections"
    ours: dict[str, Any] = {
        "chunk_id": chunk.key.chunk_id,
        "recording_id": chunk.key.recording_id,
        "source_path": name_from(root, chunk.path),
        "status": status,
        "detections": [detection.to_json() for detection in detections],
        "chunk": {
            "start_ms": chunk.start_ms,
            "end_ms": chunk.end_ms,
            "overlap_ms": chunk.overlap_ms,
            "sha256": chunk.sha256,
            "notes": chunk.notes,
        },
        "runner": runner,
    }
    if model_version is not None:
        ours["model_version"] = model_version
    if root := root or dataset_root:
        ours["dataset_root"] = str(root)
    ours["provenance"] = dict(provenance)
    return ours | {name: value for name, value in extra.items() if name not in ours}


def write_result(path: Path, result: Mapping[str, Any]) -> None:
    """Write one chunk's JSON, whole or not at all."""
    text = json.dumps(result, ensure_ascii=False, indent=1)
    if not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
        text = json.dumps(result, indent=1)  # half a surrogate pair fits JSON only as an escape
    write_whole(path, text + "\n")


def read_result(path: Path) -> ChunkResult:
    """Read and check one chunk's JSON.

    Raises:
        DetectionFormError: it is missing, torn, or not a chunk's result.
    """
    return read_record(path)[0]


def read_record(path: Path) -> tuple[ChunkResult, dict[str, Any]]:
    """Read and check one chunk's JSON; return it also as it stands.

    Raises:
        DetectionFormError: it is missing, torn, or not a chunk's result.
    """
    try:
        payload = parse_payload(path.read_bytes())
    except OSError as error:
        raise DetectionFormError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError as error:  # a path that holds a NUL, say
        raise DetectionFormError(f"{str(path)!r}: names no file ({error}).") from None
    except DetectionFormError as error:
        raise DetectionFormError(f"{path}: {error.message}") from None
    if not isinstance(payload, dict):
        raise DetectionFormError(f"{path}: is not a chunk's result.")
    recording_id, chunk_id = payload.get("recording_id"), payload.get("chunk_id")
    if (
        not isinstance(recording_id, str)
        or not isinstance(chunk_id, str)
        or not isinstance(payload.get("status"), str)
        or payload["status"] not in _STATUSES
    ):
        raise DetectionFormError(f"{path}: is not a chunk's result.")
    try:
        detections = detections_from(payload)
    except DetectionFormError as error:
        raise DetectionFormError(f"{path}: {error.message}") from None
    provenance, chunk = payload.get("provenance"), payload.get("chunk")
    chunk = chunk if isinstance(chunk, dict) else {}
    result = ChunkResult(
        key=ChunkKey(recording_id, chunk_id),
        status=payload["status"],
        detections=detections,
        chunk_sha256=chunk.get("sha256"),
        start_ms=_whole(chunk.get("start_ms")),
        end_ms=_whole(chunk.get("end_ms")),
        runner=_text(payload.get("runner")),
        source_path=_text(payload.get("source_path")),
        provenance=provenance if isinstance(provenance, dict) else {},
    )
    return result, payload


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
