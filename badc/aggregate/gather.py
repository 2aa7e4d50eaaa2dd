"""All payloads of a results tree into DuckDB's tables: quickly where possible, else carefully."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from badc.aggregate.careful import FindRecording, clean_payload
from badc.aggregate.engine import Engine
from badc.aggregate.find import Found, find_json
from badc.aggregate.quick import (
    forget_batch,
    has_plain_path,
    name_originals,
    prepare,
    read_quickly,
)
from badc.aggregate.rejected import Rejected
from badc.detections import DetectionFormError

_BATCH_BYTES = 12 << 20  # of JSON; DuckDB needs about five times as much to take it apart
_BATCH_FILES = 4_000
_LARGEST_FILE_BYTES = 64 << 20  # some 300,000 detections in one chunk
_KEPT_NAMES = 1_000


@dataclass(slots=True)
class Gathered:
    """What was found in a results tree.

    Attributes:
        files: how many JSON files were looked at.
        left_out: JSON files that are no payloads, the first thousand by name.
        left_out_count: how many there are.
        rejected: broken payloads.
    """

    files: int = 0
    left_out: list[str] = field(default_factory=list)
    left_out_count: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def gather(engine: Engine, detections_dir: Path, recording_of: FindRecording) -> Gathered:
    """Fill the tables ``chunk`` and ``heard`` from the JSON below ``detections_dir``.

    Raises:
        UsageError: ``detections_dir`` is no folder.
    """
    prepare(engine)
    gathered = Gathered()
    for batch in _batches(find_json(detections_dir)):
        gathered.files += len(batch)
        plain = [found.path for found in batch if _suits_duckdb(found)]
        odd = [found for found in batch if not _suits_duckdb(found)]
        doubted = read_quickly(engine, plain)
        _judge(engine, [*odd, *(Found(path) for path in doubted)], recording_of, gathered)
    forget_batch(engine)
    gathered.rejected.sort(key=lambda entry: entry.file)
    gathered.left_out.sort()
    return gathered


def _suits_duckdb(found: Found) -> bool:
    return (
        found.fault is None
        and found.size_bytes <= _LARGEST_FILE_BYTES
        and has_plain_path(found.path)
    )


def _batches(files: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size_bytes = 0
    for found in files:
        if batch and (len(batch) >= _BATCH_FILES or size_bytes + found.size_bytes > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(found)
        size_bytes += found.size_bytes
    if batch:
        yield batch


def _judge(
    engine: Engine, doubted: list[Found], recording_of: FindRecording, gathered: Gathered
) -> None:
    """Judge files one by one; read those that turn out to be payloads from clean copies."""
    originals: dict[str, str] = {}
    size_bytes = 0
    for found in doubted:
        name = found.path.encode("utf-8", "backslashreplace").decode("utf-8")
        try:
            payload = _payload(found, recording_of)
        except DetectionFormError as error:
            gathered.rejected.append(Rejected(name, error.message))
            continue
        if payload is None:
            gathered.left_out_count += 1
            if len(gathered.left_out) < _KEPT_NAMES:
                gathered.left_out.append(name)
            continue
        copy = engine.scratch / f"payload-{len(originals)}.json"
        size_bytes += copy.write_bytes(json.dumps(payload, ensure_ascii=False).encode("utf-8"))
        originals[str(copy)] = name
        if size_bytes > _BATCH_BYTES:
            _take_copies(engine, originals, gathered)
            originals, size_bytes = {}, 0
    _take_copies(engine, originals, gathered)


def _payload(found: Found, recording_of: FindRecording) -> dict[str, object] | None:
    if found.fault is not None:
        raise DetectionFormError(found.fault)
    if found.size_bytes > _LARGEST_FILE_BYTES:
        raise DetectionFormError(
            f"has {found.size_bytes >> 20} MiB; one chunk's detections may have "
            f"{_LARGEST_FILE_BYTES >> 20} MiB."
        )
    return clean_payload(found.path, recording_of)


def _take_copies(engine: Engine, originals: dict[str, str], gathered: Gathered) -> None:
    for copy in read_quickly(engine, list(originals)):
        gathered.rejected.append(Rejected(originals[copy], "cannot be taken into a table."))
    name_originals(engine, originals.items())
    for copy in originals:
        Path(copy).unlink()
