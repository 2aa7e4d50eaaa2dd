"""After listening: a table and reports for each recording, and one look at all of them."""

from dataclasses import dataclass
from pathlib import Path

from badc.aggregate import Aggregated, Request, aggregate
from badc.cli.console import say, warn
from badc.cli.report import aggregate_dir
from badc.orchestration import RecordingPlan
from badc.report.bundle import Wanted, write_bundle
from badc.report.source import open_source


@dataclass(frozen=True)
class Bundling:
    """What is to be made of the detections.

    Attributes:
        folder: where tables and reports go, named for their recording.
        bucket_minutes: width of a bar of the time line.
        roll_up: whether all tables are counted as one at the end.
        roll_up_limit: how many rows of that are shown.
        roll_up_dir: where its CSV files go.
    """

    folder: Path
    bucket_minutes: int
    roll_up: bool
    roll_up_limit: int
    roll_up_dir: Path


def bundle(plan: RecordingPlan, wanted: Bundling) -> None:
    """Make table and reports of one recording.

    Raises:
        BadcError: they cannot be written.
    """
    name = plan.recording_id
    parquet = wanted.folder / f"{name}_detections.parquet"
    done = aggregate(
        Request(
            detections_dir=plan.recording_output_dir,
            csv=wanted.folder / f"{name}_summary.csv",
            parquet=parquet,
            manifest=plan.manifest_path,
        )
    )
    _warn_of_rejected(name, done)
    if not done.written:
        warn(f"Warning: {name}: no detections to make a table of.")
        return
    with open_source(parquet) as source:
        written = write_bundle(source, wanted.folder, name, wanted.bucket_minutes, Wanted())
    say(f"Bundled {name}: {done.detections} detections, {len(written)} reports in {wanted.folder}")


def roll_up(wanted: Bundling) -> None:
    """Count all tables of the folder as one."""
    aggregate_dir(wanted.folder, wanted.roll_up_limit, wanted.roll_up_dir)


def _warn_of_rejected(name: str, done: Aggregated) -> None:
    if done.rejected:
        first = done.rejected[0]
        warn(f"Warning: {name}: {len(done.rejected)} files rejected, {first.file}: {first.reason}")
