"""The careful way in: one doubted JSON file, judged by BADC's own rules.

The verdict is one of three: a payload; some other JSON that happens to lie in the results tree,
left out; or a broken payload, with a reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from badc.aggregate.hawkears_csv import reparse
from badc.detections import Detection, DetectionFormError, detections_from, parse_payload

FindRecording = Callable[[str], str | None]
"""Chunk id -> the recording that a manifest names for it, where only one does."""

_STATUSES = ("ok", "no_detections", "stub")
_TEXTS = ("source_path", "dataset_root", "runner", "model_version")

_SIGNS_OF_A_PAYLOAD = ("detections", "hawkears_output", "chunk_id")
_OTHER_OBJECTS = (
    {"telemetry_log", "workers"},  # a run's summary under another name
    {"telemetry_log", "jobs"},
    {"label_count", "recording_count"},  # summary.json of 'badc report parquet'
    {"manifest_rows", "chunk_output_dir"},  # chunk status under another name
)
_OTHER_LISTS = ("manifest_path", "audio_path")  # plans: a list with one object per recording


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload that passed.

    Attributes:
        chunk: the columns of the table ``chunk``, apart from number and file.
        detections: in the payload's order.
    """

    chunk: dict[str, Any]
    detections: tuple[Detection, ...]


def read_carefully(path: str, recording_of: FindRecording) -> Payload | None:
    """Read the JSON at ``path``; return its payload, or None for other JSON.

    A payload is an object with ``detections``, ``hawkears_output`` or ``chunk_id``; an empty
    object is a broken one, because nothing else writes such a file. A missing chunk id is the
    file's name; a missing recording id is the manifest's for that chunk, else the folder's name.
    Detections that are missing, or none although the status is no silence, are read from the raw
    HawkEars table where there is one.

    Raises:
        DetectionFormError: it is broken; the message says how.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - the name may hold undecodable bytes
            value = parse_payload(stream.read())
    except OSError as error:
        raise DetectionFormError(f"cannot be read ({error.strerror}).") from None
    if _is_other_json(value):
        return None
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "no object"
        raise DetectionFormError(f"holds {kind}; a chunk's detections are an object.")
    chunk_id = _text(value, "chunk_id") or PurePath(path).stem
    recording_id = _text(value, "recording_id") or recording_of(chunk_id)
    detections, status = _heard(value, path)
    chunk = {
        "recording_id": recording_id or PurePath(path).parent.name or "unknown",
        "chunk_id": chunk_id,
        "status": status,
        **{name: _text(value, name) for name in _TEXTS},
        "runner_fingerprint": _fingerprint(value.get("provenance")),
        **_place(value.get("chunk")),
    }
    return Payload(chunk, detections)


def _is_other_json(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(row, dict) and any(name in row for name in _OTHER_LISTS) for row in value
        )
    if not isinstance(value, dict):
        return False
    if any(signs <= value.keys() for signs in _OTHER_OBJECTS):
        return True
    return bool(value) and not any(name in value for name in _SIGNS_OF_A_PAYLOAD)


def _heard(payload: dict[str, Any], path: str) -> tuple[tuple[Detection, ...], str]:
    """Return the detections and the status that goes with them."""
    status = _text(payload, "status")
    listed = None if payload.get("detections") is None else detections_from(payload)
    is_silence = status in ("no_detections", "stub")
    if listed or (listed is not None and is_silence):
        detections = listed
    elif (raw := reparse(Path(path), payload)) is not None:
        detections = raw
        status = "ok" if raw else "no_detections"
    elif listed is not None or is_silence:
        detections = ()
    else:
        raise DetectionFormError("holds no 'detections' list, and no raw HawkEars table is there.")
    if not detections and status and status not in _STATUSES:
        raise DetectionFormError(f"status is {status!r} and nothing was detected: not a silence.")
    return detections, status or ("ok" if detections else "no_detections")


def _place(chunk: object) -> dict[str, Any]:
    """Return the chunk's place in its recording, checked."""
    if chunk is None:
        return {}
    if not isinstance(chunk, dict):
        raise DetectionFormError("'chunk' is not an object.")
    try:  # a chunk's place obeys the same rules as a detection's interval
        place = Detection.from_json(
            {"timestamp_ms": chunk.get("start_ms"), "end_ms": chunk.get("end_ms")}
        )
    except DetectionFormError as error:
        fault = error.message.replace("timestamp_ms", "start_ms").replace(
            "a detection", "the chunk"
        )
        raise DetectionFormError(fault) from None
    return {
        "start_ms": place.timestamp_ms,
        "end_ms": place.end_ms,
        "sha256": _text(chunk, "sha256"),
    }


def _text(payload: dict[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise DetectionFormError(f"{name} is not a text.")
    return value


def _fingerprint(provenance: object) -> str | None:
    value = provenance.get("runner_fingerprint") if isinstance(provenance, dict) else None
    return value if isinstance(value, str) else None
