"""All payloads of a results tree into DuckDB's tables: quickly where possible, else carefully."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from badc.aggregate.careful import FindRecording, Payload, read_carefully
from badc.aggregate.clean_copies import CleanCopies
from badc.aggregate.engine import Engine
from badc.aggregate.quick import (
    forget_batch,
    has_plain_path,
    prepare,
    read_quickly,
)
from badc.aggregate.rejected import Rejected
from badc.detections import DetectionFormError, Found, find_json

_BATCH_BYTES = 12 << 20  # of JSON; DuckDB needs about five times as much to take it apart
_BATCH_FILES = 4_000
_LARGE_FILE_BYTES = 2 << 20  # one list of this length is more than DuckDB holds at ease
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
    """Fill the tables ``chunk`` and ``heard`` from the JSON below ``detections_dir``."""
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
        found.fault is None and found.size_bytes <= _LARGE_FILE_BYTES and has_plain_path(found.path)
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
    """Judge files one by one, and take those that turn out to be payloads."""
    with CleanCopies(engine) as copies:
        for found in doubted:
            name = found.path.encode("utf-8", "backslashreplace").decode("utf-8")
            try:
                payload = _payload(found, recording_of)
                if payload is not None:
                    copies.add(name, payload)
                    continue
            except DetectionFormError as error:
                gathered.rejected.append(Rejected(name, error.message))
                continue
            gathered.left_out_count += 1
            if len(gathered.left_out) < _KEPT_NAMES:
                gathered.left_out.append(name)


def _payload(found: Found, recording_of: FindRecording) -> Payload | None:
    if found.fault is not None:
        raise DetectionFormError(found.fault)
    size_bytes = found.size_bytes
    if size_bytes > _LARGEST_FILE_BYTES:
        raise DetectionFormError(
            f"has {size_bytes >> 20} MiB; one chunk's detections may have "
            f"{_LARGEST_FILE_BYTES >> 20} MiB."
        )
    return read_carefully(found.path, recording_of)
