"""After listening: a table and reports for each recording, and one look at all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from badc.aggregate import Aggregated, Request, aggregate
from badc.cli.console import say, warn
from badc.cli.report import aggregate_dir
from badc.cli.report_files import make_page, warn_of_mixture
from badc.orchestration import RecordingPlan
from badc.report.bundle import Wanted, write_bundle
from badc.report.merge import find_tables
from badc.report.source import open_source

_PAGE = "report.html"


@dataclass(frozen=True)
class Bundling:
    """What is to be made of the detections.

    Attributes:
        folder: where tables and reports go, named for their recording.
        bucket_minutes: width of a bar of the time line.
        roll_up: whether all tables are counted as one at the end.
        roll_up_limit: how many rows of that are shown.
        roll_up_dir: where its CSV files go; the page of pictures and sounds goes to ``folder``.
        chunks_dir: where the chunks are that the page's sounds are cut from.
    """

    folder: Path
    bucket_minutes: int
    roll_up: bool
    roll_up_limit: int
    roll_up_dir: Path
    chunks_dir: Path


def bundle(plan: RecordingPlan, wanted: Bundling) -> bool:
    """Make table and reports of one recording; say whether there was anything to make them of.

    Raises:
        BadcError: they cannot be written.
    """
    name = plan.recording_id
    parquet = _table(plan, wanted)
    done = aggregate(
        Request(
            detections_dir=plan.recording_output_dir,
            csv=wanted.folder / f"{name}_summary.csv",
            parquet=parquet,
            manifest=plan.manifest_path,
        )
    )
    _warn_of(name, done)
    if not done.written:
        warn(f"Warning: {name}: no detections to make a table of.")
        return False
    with open_source(parquet) as source:
        written = write_bundle(source, wanted.folder, name, wanted.bucket_minutes, Wanted())
    say(f"Bundled {name}: {done.detections} detections, {len(written)} reports in {wanted.folder}")
    return True


def bundle_dataset(
    planned: Iterable[RecordingPlan], heard: Iterable[RecordingPlan], wanted: Bundling
) -> None:
    """Bundle what was planned, and what was heard before and has no table yet; then roll up.

    Raises:
        BadcError: a table, a report or the page cannot be written.
    """
    outstanding = [plan for plan in heard if not _table(plan, wanted).exists()]
    bundled = [
        bundle(plan, wanted)
        for plan in [*planned, *outstanding]
        if plan.recording_output_dir.is_dir()
    ]
    page = wanted.folder / _PAGE
    if not wanted.roll_up or not any(wanted.folder.glob("*_detections.parquet")):
        return
    if any(bundled) or not page.exists():
        from badc.report.page import Wish  # brings matplotlib

        aggregate_dir(wanted.folder, wanted.roll_up_limit, wanted.roll_up_dir)
        make_page(find_tables(wanted.folder), page, Wish((wanted.chunks_dir,)))
    else:
        with open_source(*find_tables(wanted.folder)) as source:
            warn_of_mixture(source)


def _table(plan: RecordingPlan, wanted: Bundling) -> Path:
    return wanted.folder / f"{plan.recording_id}_detections.parquet"


def _warn_of(name: str, done: Aggregated) -> None:
    if done.rejected:
        first = done.rejected[0]
        warn(f"Warning: {name}: {len(done.rejected)} files rejected, {first.file}: {first.reason}")
    if done.detectors.are_mixed:
        warn(f"Warning: {name}: the table holds {done.detectors}.")
