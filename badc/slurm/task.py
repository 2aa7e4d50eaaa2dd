"""One task of an array job: one recording, with its own settings."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ArrayTask:
    """One recording to be heard. Paths are absolute, or relative to the dataset.

    Attributes:
        recording_id: names the recording in messages and in the names of its tables.
        command: the words of its ``badc infer run``, without ``--output-dir``,
            ``--telemetry-log`` and ``--resume-summary``, which the script adds.
        manifest: its chunks.
        output_dir: where its JSON goes.
        telemetry_log: its event log.
        summary: what a run on that log leaves behind, and the next one resumes from.
        chunk_status: its ``.chunk_status.json``, which must say ``completed``; None not to look.
    """

    recording_id: str
    command: tuple[str, ...]
    manifest: Path
    output_dir: Path
    telemetry_log: Path
    summary: Path
    chunk_status: Path | None = None
