"""``--resume-summary``: what an earlier run says it has finished."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError
from badc.manifest import Chunk, ChunkKey
from badc.results.summary import Job, read_summary

_SUFFIX = ".summary.json"


@dataclass(frozen=True)
class FinishedChunks:
    """The chunks that a summary marks ``success``.

    Attributes:
        by_key: ``recording_id/chunk_id`` -> its job; the recording is empty in older summaries.
    """

    by_key: dict[ChunkKey, Job]

    def job_for(self, chunk: Chunk) -> Job | None:
        """Return the job of ``chunk`` if the summary marks it a success."""
        key = chunk.key
        return self.by_key.get(key) or self.by_key.get(ChunkKey("", key.chunk_id))


def read_finished(path: Path, expected: Collection[ChunkKey] = ()) -> FinishedChunks:
    """Read the summary at ``path``, or at the other spelling of its name.

    A log ``x.jsonl`` has the summary ``x.jsonl.summary.json``; older runs wrote ``x.summary.json``.

    Raises:
        UsageError: there is no summary, it is not readable as one, or it is about none of the
            chunks ``expected``.
    """
    place = next(filter(os.path.lexists, _spellings(path)), path)
    if os.path.isdir(place):  # noqa: PTH112 - says no to a name too long, where Path raises
        raise UsageError(f"{place}: is a folder, not a summary.", "Name a *.summary.json file.")
    jobs = read_summary(place).jobs
    known = (key in jobs or ChunkKey("", key.chunk_id) in jobs for key in expected)
    if jobs and expected and not any(known):
        raise UsageError(
            f"{place}: knows none of the manifest's chunks.",
            "Name the summary of an earlier run on the same manifest.",
        )
    return FinishedChunks({key: job for key, job in jobs.items() if job.status == "success"})


def existing_summary(path: Path) -> Path | None:
    """Return the summary at ``path``, or at the other spelling of its name, if there is one."""
    return next((place for place in _spellings(path) if place.is_file()), None)


def _spellings(path: Path) -> list[Path]:
    stem = path.name.removesuffix(_SUFFIX)
    if stem == path.name:
        return [path]
    other = stem.removesuffix(".jsonl") if stem.endswith(".jsonl") else f"{stem}.jsonl"
    return [path, path.with_name(other + _SUFFIX)]
