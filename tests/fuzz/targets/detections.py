"""The JSON of a chunk, and what a program of the user's own answers."""

import json
import math
from pathlib import Path

from badc.aggregate import Request, aggregate
from badc.aggregate.careful import read_carefully
from badc.detections import (
    Detection,
    label_counts,
    parse_payload,
    read_result,
    result_json,
    write_result,
)
from badc.manifest import Chunk, ChunkKey
from badc.results import AudioDigests, examine
from badc.runners.command import _heard
from tests.fuzz.inventing import odd_json
from tests.fuzz.target import Target

_DETECTION = {
    "timestamp_ms": 500, "end_ms": 3500, "label": "OVEN", "label_code": "OVEN",
    "label_name": "Ovenbird", "confidence": 0.91,
}  # fmt: skip
_RESULT = {
    "chunk_id": "REC_chunk_0_1000", "recording_id": "REC", "source_path": "c.wav", "status": "ok",
    "detections": [_DETECTION, {"timestamp_ms": 1, "label": "x", "snr": 3.5}],
    "chunk": {"start_ms": 0, "end_ms": 60000, "overlap_ms": 0, "sha256": "ab" * 32, "notes": ""},
    "runner": "custom", "model_version": "1", "dataset_root": "/data",
    "provenance": {"runner_fingerprint": "f" * 16, "attempt": 1, "chunk_bytes": 5},
}  # fmt: skip
_SILENCE = {**_RESULT, "status": "no_detections", "detections": []}
_RAW = {**_SILENCE, "status": "ok", "hawkears_output": "raw", "detections": []}
_TABLE = "filename,start_time,end_time,class_name,class_code,score\nc.wav,0,3,Ovenbird,OVEN,0.9\n"
_DOCUMENTS = tuple(json.dumps(each) for each in (_RESULT, _SILENCE))
_ANSWERS = tuple(
    json.dumps(each)
    for each in (
        [_DETECTION],
        {"detections": [_DETECTION, _DETECTION], "model_version": "1", "site": {"a": [1]}},
        {**_RESULT, "recording_id": "REC", "chunk_id": "c0"},
    )
)
_CHUNK = Chunk(ChunkKey("REC", "c0"), "c0.wav", Path("/c0.wav"), 0, 60_000)


def check_detections(detections: tuple[Detection, ...]) -> None:
    """Times are whole and in order, confidences are finite, names are texts."""
    for each in detections:
        for time_ms in (each.timestamp_ms, each.end_ms):
            assert time_ms is None or (type(time_ms) is int and 0 <= time_ms <= 2**53)
        if each.timestamp_ms is not None and each.end_ms is not None:
            assert each.end_ms >= each.timestamp_ms
        assert each.confidence is None or 0 <= each.confidence <= 1
        assert each.confidence is None or math.isfinite(each.confidence)
        assert isinstance(each.counted_as, str)


def _read_result(path: Path) -> bool:
    result = read_result(path)
    check_detections(result.detections)
    assert result.status in ("ok", "no_detections", "stub")
    json.dumps(label_counts(result.detections))
    return True


def _verify(path: Path) -> bool:
    """Have verification look at it; what it says is one short line."""
    chunk = Chunk(ChunkKey("REC", "REC_chunk_0_1000"), path.name, path, 0, 60_000)
    found = examine(chunk, path)
    if found.fault is not None:
        assert len(found.fault[1]) < 500
        assert found.fault[1].isprintable()
    assert found.maker is None or str(found.maker).isprintable()
    examine(chunk, path, "f" * 16, AudioDigests())
    return found.fault is None or found.fault[0] != "corrupt"


def _read_answer(path: Path) -> bool:
    heard = _heard(parse_payload(path.read_bytes()), _CHUNK, "", "")
    check_detections(heard.detections)
    written = result_json(
        _CHUNK, runner="custom", detections=heard.detections, dataset_root=None,
        model_version=heard.model_version, extra=heard.extra, provenance={"attempt": 1},
    )  # fmt: skip
    place = path.with_name("written.json")
    write_result(place, written)
    result = read_result(place)
    assert result.key == _CHUNK.key
    assert result.detections == heard.detections
    assert result.runner == "custom"
    assert result.provenance == {"attempt": 1}
    return True


def _read_carefully(path: Path) -> bool:
    """Read a payload beside which there is a raw table of HawkEars."""
    raw = path.with_name("raw")
    if not raw.exists():
        raw.mkdir()
        (raw / "HawkEars_labels.csv").write_text(_TABLE)
    payload = read_carefully(str(path), lambda _: None)
    if payload is None:
        return False
    check_detections(payload.detections)
    return True


def _aggregate(folder: Path) -> int:
    tables = folder / ".tables"
    tables.mkdir(exist_ok=True)
    done = aggregate(Request(folder, tables / "t.csv", tables / "t.parquet"))
    files = sum(each.is_dir() for each in folder.iterdir()) - 1
    assert done.chunks + done.left_out + len(done.rejected) == files
    return done.chunks


DETECTIONS = (
    Target("chunk JSON", "c.json", odd_json, _DOCUMENTS, _read_result),
    Target("chunk JSON, verification", "c.json", odd_json, _DOCUMENTS, _verify),
    Target("custom runner's answer", "c0.json", odd_json, _ANSWERS, _read_answer),
    Target(
        "chunk JSON, aggregate's own way",
        "c.json",
        odd_json,
        (*_DOCUMENTS, json.dumps(_RAW)),
        _read_carefully,
    ),
    Target("chunk JSON, a whole aggregation", "c.json", odd_json, _DOCUMENTS, _aggregate, 250),
)
