"""The summary of a run: a fold over its telemetry events, per worker and per chunk."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from badc.atomic import write_whole
from badc.errors import UsageError
from badc.manifest import ChunkKey
from badc.telemetry import Event, WorkerTally

JobStatus = Literal["pending", "running", "success", "failure"]
WORKERS_COLUMNS = ("worker", "jobs", "success", "failure", "retries", "failed_retries")


@dataclass(slots=True)
class Job:
    """What is known of one chunk; the fields are those of the summary's ``jobs``."""

    recording_id: str
    chunk_id: str
    status: JobStatus = "pending"
    attempts: int = 0
    retries: int = 0
    output: str | None = None
    worker: str | None = None
    last_backoff_s: float | None = None
    last_error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the summary's entry."""
        return {name: getattr(self, name) for name in _JOB_COLUMNS}


_JOB_COLUMNS = tuple(each.name for each in fields(Job))


@dataclass
class RunSummary:
    """Outcomes by worker and by chunk.

    Attributes:
        telemetry_log: the log that this summarises.
        workers: this run's work, by slot label.
        jobs: every chunk of this run, and what an earlier run on the same log finished.
    """

    telemetry_log: Path
    workers: dict[str, WorkerTally] = field(default_factory=dict)
    jobs: dict[ChunkKey, Job] = field(default_factory=dict)

    def expect(self, keys: Iterable[ChunkKey]) -> None:
        """List chunks that are to be done. What is known of them from before is kept."""
        for key in keys:
            job = self.jobs.setdefault(key, Job(*key))
            if job.status != "success":
                job.status = "pending"  # whatever an earlier run made of it, this one begins anew

    def fold(self, event: Event) -> None:
        """Take in one event."""
        job = self.jobs.setdefault(event.key, Job(*event.key))
        if event.status == "skipped":
            job.status = "success"
            job.output = _text(event.details.get("output")) or job.output
            return
        job.attempts = event.attempt or job.attempts or 1
        job.retries = job.attempts - 1
        job.worker = event.worker
        if event.ends_attempt:
            self.workers.setdefault(event.worker, WorkerTally()).fold(event)
        if event.status == "start":
            job.status = "running"
        elif event.status == "success":
            job.status = "success"
            job.output = _text(event.details.get("output"))
        elif event.interrupted:
            job.status = "pending"
        else:
            job.last_error = _text(event.details.get("error"))
            job.last_backoff_s = _seconds(event.details.get("backoff_s"))
            # between two attempts it is pending again
            job.status = "failure" if event.gives_up else "pending"

    def to_json(self) -> dict[str, Any]:
        """Return the wire form; ``jobs`` is keyed ``recording_id/chunk_id``."""
        return {
            "telemetry_log": str(self.telemetry_log),
            "workers": {label: asdict(tally) for label, tally in sorted(self.workers.items())},
            "jobs": {str(key): job.to_json() for key, job in self.jobs.items()},
        }

    def write(self, path: Path) -> None:
        """Write the summary as JSON, whole or not at all: a line for each worker and chunk."""
        tables = {"workers": _lines, "jobs": _lines}
        parts = (
            f"{json.dumps(name)}: {tables.get(name, json.dumps)(value)}"
            for name, value in self.to_json().items()
        )
        write_whole(path, "{\n" + ",\n".join(parts) + "\n}\n")

    def write_workers(self, path: Path) -> None:
        """Write the per-worker table as CSV, whole or not at all."""
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(WORKERS_COLUMNS)
        for label, tally in sorted(self.workers.items()):
            writer.writerow([label, *(getattr(tally, name) for name in WORKERS_COLUMNS[1:])])
        write_whole(path, text.getvalue())


def read_summary(path: Path) -> RunSummary:
    """Read a summary; the older form, keyed by chunk id alone, is accepted.

    Raises:
        UsageError: it is missing or no summary.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{path}: no such summary.",
            "Name the *.summary.json that an earlier run printed.",
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path}: is not a summary: no readable JSON ({error}).",
            "Name the *.summary.json that an earlier run printed.",
        ) from None
    jobs = document.get("jobs") if isinstance(document, dict) else None
    if not isinstance(jobs, dict) or not all(isinstance(job, dict) for job in jobs.values()):
        raise UsageError(
            f"{path}: is not a summary: it has no 'jobs'.",
            "Name the *.summary.json that an earlier run printed.",
        )
    summary = RunSummary(Path(str(document.get("telemetry_log") or "")))
    for name, entry in jobs.items():
        job = _job(name, entry)
        summary.jobs[ChunkKey(job.recording_id, job.chunk_id)] = job
    workers = document.get("workers")
    for label, tally in (workers if isinstance(workers, dict) else {}).items():
        if isinstance(tally, dict):
            figures = (_count(tally.get(name)) for name in WORKERS_COLUMNS[2:])
            summary.workers[label] = WorkerTally(*figures)
    return summary


def _job(name: str, entry: dict[str, Any]) -> Job:
    """Read one entry of ``jobs``; an unknown recording is the empty text."""
    recording, _, chunk = name.rpartition("/")
    status = entry.get("status")
    return Job(
        recording_id=_text(entry.get("recording_id")) or recording,
        chunk_id=_text(entry.get("chunk_id")) or chunk,
        status=status if status in ("success", "failure", "running") else "pending",
        attempts=_count(entry.get("attempts")),
        retries=_count(entry.get("retries")),
        output=_text(entry.get("output")),
        worker=_text(entry.get("worker")),
        last_backoff_s=_seconds(entry.get("last_backoff_s")),
        last_error=_text(entry.get("last_error")),
    )


def _lines(entries: dict[str, Any]) -> str:
    """Return JSON with a line for each entry. Python indents JSON slowly: here 10,000 count."""
    lines = (f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and "\0" not in value else None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _seconds(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None
