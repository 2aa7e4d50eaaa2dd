"""After listening: a table and reports for each recording, and one look at all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from badc.aggregate import Aggregated, Origins, Request, aggregate, made_by, recipe_of
from badc.cli.console import say, warn
from badc.cli.report import aggregate_dir
from badc.cli.report_files import make_page, warn_of_mixture
from badc.orchestration import RecordingPlan, TableSettings
from badc.report.bundle import Wanted, write_bundle
from badc.report.merge import find_tables
from badc.report.source import open_source

_PAGE = "report.html"
_SHOWN = 5


@dataclass(frozen=True)
class Bundling:
    """What is to be made of the detections.

    It has no methods: Prefect keeps it as long as the process lives, and methods would keep DuckDB,
    which then fills the screen at the end.

    Attributes:
        folder: where tables and reports go, named for their recording.
        bucket_minutes: width of a bar of the time line.
        roll_up: whether all tables are counted as one at the end.
        roll_up_limit: how many rows of that are shown.
        roll_up_dir: where its CSV files go; the page of pictures and sounds goes to ``folder``.
        chunks_dir: where the chunks are that the page's sounds are cut from.
        dataset: the folder that all of them are of.
        settings: how its tables are made.
    """

    folder: Path
    bucket_minutes: int
    roll_up: bool
    roll_up_limit: int
    roll_up_dir: Path
    chunks_dir: Path
    dataset: Path
    settings: TableSettings


def bundle(name: str, request: Request, wanted: Bundling) -> Aggregated:
    """Make table and reports of one recording, if there is anything to make them of.

    Raises:
        BadcError: they cannot be written.
    """
    done = aggregate(request)
    _warn_of(name, done)
    if not done.written:
        warn(f"Warning: {name}: no detections to make a table of.")
        return done
    with open_source(wanted.folder / f"{name}_detections.parquet") as source:
        written = write_bundle(source, wanted.folder, name, wanted.bucket_minutes, Wanted())
    merged = f" ({done.merged} rows merged)" if done.merged else ""
    say(
        f"Bundled {name}: {done.detections} detections{merged}, {len(written)} reports in"
        f" {wanted.folder}"
    )
    return done


def bundle_dataset(
    planned: Iterable[RecordingPlan], heard: Iterable[RecordingPlan], wanted: Bundling
) -> None:
    """Bundle what was planned, and what was heard before and has no such table yet; then roll up.

    Raises:
        BadcError: a table, a report or the page cannot be written.
    """
    origins = wanted.settings.origins(wanted.dataset)
    recipe = recipe_of(origins.rules, dedupe=wanted.settings.dedupe)
    plans = list(heard)
    current = made_by(recipe, (_table(plan, wanted) for plan in plans))
    outstanding = (plan for plan in plans if _table(plan, wanted) not in current)
    requests = {
        plan.recording_id: _request(plan, wanted, origins) for plan in (*planned, *outstanding)
    }
    made = {
        name: bundle(name, request, wanted)
        for name, request in requests.items()
        if request.detections_dir.is_dir()
    }
    bundled = [name for name, done in made.items() if done.written]
    _tell(made, places_wanted=bool(origins.rules.patterns))
    page = wanted.folder / _PAGE
    if not wanted.roll_up or not any(wanted.folder.glob("*_detections.parquet")):
        return
    if bundled or not page.exists():
        from badc.report.page import Wish  # brings matplotlib

        aggregate_dir(wanted.folder, wanted.roll_up_limit, wanted.roll_up_dir)
        make_page(find_tables(wanted.folder), page, Wish((wanted.chunks_dir,)))
    else:
        with open_source(*find_tables(wanted.folder)) as source:
            warn_of_mixture(source)


def _table(plan: RecordingPlan, wanted: Bundling) -> Path:
    return wanted.folder / f"{plan.recording_id}_detections.parquet"


def _request(plan: RecordingPlan, wanted: Bundling, origins: Origins) -> Request:
    return Request(
        detections_dir=plan.recording_output_dir,
        csv=wanted.folder / f"{plan.recording_id}_summary.csv",
        parquet=_table(plan, wanted),
        manifest=plan.manifest_path,
        origins=origins,
        dedupe=wanted.settings.dedupe,
    )


def _tell(made: Mapping[str, Aggregated], *, places_wanted: bool) -> None:
    """Say of all recordings at once what was merged, and which have no place."""
    merged = sum(done.merged for done in made.values())
    if merged:
        say(
            f"{merged} rows merged: calls heard in two overlapping chunks. --keep-doubles leaves"
            " them two."
        )
    unplaced = [name for name, done in made.items() if done.unplaced_recordings]
    if places_wanted and unplaced:
        more = ", …" if len(unplaced) > _SHOWN else ""
        warn(
            f"Warning: {len(unplaced)} recordings without a place: no path fits the patterns of"
            f" --places ({', '.join(unplaced[:_SHOWN])}{more})."
        )


def _warn_of(name: str, done: Aggregated) -> None:
    if done.rejected:
        first = done.rejected[0]
        warn(f"Warning: {name}: {len(done.rejected)} files rejected, {first.file}: {first.reason}")
    if done.detectors.are_mixed:
        warn(f"Warning: {name}: the table holds {done.detectors}.")
