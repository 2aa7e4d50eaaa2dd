"""``badc report``: what the canonical table says."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli import report_files
from badc.cli.console import say, warn
from badc.cli.tables import SPARKLINE, show_rows
from badc.errors import UsageError
from badc.report.answers import Table, Totals

app = typer.Typer(rich_markup_mode=None)
app.command("export")(report_files.export)
app.command("merge")(report_files.merge)
app.command("html")(report_files.html)

ParquetOption = Annotated[Path, typer.Option(help="Canonical Parquet of 'infer aggregate'.")]
BucketOption = Annotated[int, typer.Option(min=1, max=10**9, help="Minutes of a time bucket.")]
_Most = typer.Option(min=1, help="Rows to show; files hold every row.")
DEFAULT = Path("artifacts/aggregate/detections.parquet")


@app.command()
def summary(
    parquet: ParquetOption = DEFAULT,
    group_by: Annotated[
        str, typer.Option(help="label, recording_id, or label,recording_id.")
    ] = "label",
    output: Annotated[Path | None, typer.Option(help="Also write every group as CSV.")] = None,
    limit: Annotated[int, _Most] = 20,
) -> None:
    """Count detections by label, recording or both."""
    from badc.report.counts import GROUPINGS, ask, count_totals
    from badc.report.files import write_table
    from badc.report.source import open_source

    grouping = ",".join(word.strip() for word in group_by.split(","))
    if grouping not in GROUPINGS:
        raise UsageError(f"--group-by {group_by!r}: is not one of {'; '.join(GROUPINGS)}.")
    with open_source(parquet) as source:
        totals, table = count_totals(source), ask(source, GROUPINGS[grouping])
        report_files.warn_of_mixture(source)
    _say_totals(totals)
    _show(f"Detections by {grouping.replace(',', ' and ')}", table, limit)
    if output is not None:
        say(f"Wrote {write_table(output, table)}")


@app.command()
def quicklook(
    parquet: ParquetOption = DEFAULT,
    top_labels: Annotated[int, _Most] = 10,
    top_recordings: Annotated[int, _Most] = 5,
    output_dir: Annotated[
        Path | None, typer.Option(help="Also write labels.csv, recordings.csv, chunks.csv here.")
    ] = None,
) -> None:
    """Show the most frequent labels and the busiest recordings, with sparklines over time."""
    from badc.report.quicklook import quicklook as look_at
    from badc.report.quicklook import write_quicklook
    from badc.report.source import open_source

    with open_source(parquet) as source:
        look = look_at(source, top_labels, top_recordings)
        report_files.warn_of_mixture(source)
    _say_totals(look.totals)
    _show("Labels", _with_sparks(look.labels, look.label_sparks, top_labels), top_labels)
    _show(
        "Recordings",
        _with_sparks(look.recordings, look.recording_sparks, top_recordings),
        top_recordings,
    )
    if output_dir is not None:
        _say_written(write_quicklook(look, output_dir))


@app.command()
def parquet(
    parquet: ParquetOption = DEFAULT,
    top_labels: Annotated[int, _Most] = 20,
    top_recordings: Annotated[int, _Most] = 10,
    bucket_minutes: BucketOption = 60,
    output_dir: Annotated[
        Path | None,
        typer.Option(help="Also write labels.csv, recordings.csv, timeline.csv, summary.json."),
    ] = None,
) -> None:
    """Count detections by label, recording and time since the start of the recording."""
    from badc.report.overview import overview, write_overview
    from badc.report.source import open_source

    with open_source(parquet) as source:
        found = overview(source, bucket_minutes)
        report_files.warn_of_mixture(source)
    say(f"{found.summary.detections} detections of {found.summary.label_count} labels")
    _show("Labels", found.labels, top_labels)
    _show("Recordings", found.recordings, top_recordings)
    _show(f"Time line, {bucket_minutes} minutes a bucket", found.timeline, 24)
    if output_dir is not None:
        _say_written(write_overview(found, output_dir))


@app.command()
def duckdb(
    parquet: ParquetOption = DEFAULT,
    database: Annotated[
        Path | None, typer.Option(help="Database to write; by default beside the Parquet.")
    ] = None,
    bucket_minutes: BucketOption = 60,
    top_labels: Annotated[int, _Most] = 15,
    top_recordings: Annotated[int, _Most] = 10,
    export_dir: Annotated[
        Path | None,
        typer.Option(help="Also write label_summary.csv, recording_summary.csv, timeline.csv."),
    ] = None,
) -> None:
    """Write a DuckDB file: table 'detections', views of it, and 'effort' where it is known."""
    from badc.report.database import write_database, write_exports
    from badc.report.source import open_source

    path = parquet.with_suffix(".duckdb") if database is None else database
    with open_source(parquet) as source:
        views = write_database(source, path, bucket_minutes)
        has_effort = source.has_effort
        report_files.warn_of_mixture(source)
    _show("label_summary", views["label_summary"], top_labels)
    _show("recording_summary", views["recording_summary"], top_recordings)
    say(f"Wrote {path}")
    if not has_effort:
        warn("Note: no *_effort.csv stands beside the Parquet, so there is no table 'effort'.")
    if export_dir is not None:
        _say_written(write_exports(views, export_dir))


@app.command()
def bundle(
    parquet: ParquetOption = DEFAULT,
    output_dir: Annotated[Path, typer.Option(help="Folder for all of it.")] = DEFAULT.parent,
    run_prefix: Annotated[
        str | None, typer.Option(help="Beginning of the names; by default the Parquet's.")
    ] = None,
    bucket_minutes: BucketOption = 60,
    quicklook_top_labels: Annotated[int, _Most] = 10,
    quicklook_top_recordings: Annotated[int, _Most] = 5,
    with_quicklook: Annotated[bool, typer.Option("--quicklook/--no-quicklook")] = True,
    with_parquet_report: Annotated[
        bool, typer.Option("--parquet-report/--no-parquet-report")
    ] = True,
    with_duckdb: Annotated[
        bool, typer.Option("--duckdb-report/--no-duckdb-report", "--duckdb/--no-duckdb")
    ] = True,
) -> None:
    """Write quicklook, parquet report and database under one prefix."""
    from badc.report.bundle import Wanted, default_prefix, write_bundle
    from badc.report.quicklook import quicklook as look_at
    from badc.report.source import open_source

    prefix = default_prefix(parquet) if run_prefix is None else run_prefix
    if not prefix.strip() or "/" in prefix or "\0" in prefix:
        raise UsageError(f"--run-prefix {prefix!r}: cannot begin a file name.")
    wanted = Wanted(with_quicklook, with_parquet_report, with_duckdb)
    with open_source(parquet) as source:
        written = write_bundle(source, output_dir, prefix, bucket_minutes, wanted)
        look = look_at(source, quicklook_top_labels, quicklook_top_recordings)
        report_files.warn_of_mixture(source)
    _say_totals(look.totals)
    if with_quicklook:
        labels = _with_sparks(look.labels, look.label_sparks, quicklook_top_labels)
        _show("Labels", labels, quicklook_top_labels)
        recordings = _with_sparks(look.recordings, look.recording_sparks, quicklook_top_recordings)
        _show("Recordings", recordings, quicklook_top_recordings)
    _say_written(written)


@app.command("aggregate-dir")
def aggregate_dir(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Folder of *_detections.parquet.")
    ] = DEFAULT.parent,
    limit: Annotated[int, _Most] = 10,
    export_dir: Annotated[
        Path | None,
        typer.Option(help="Also write label_summary.csv and recording_summary.csv here."),
    ] = None,
) -> None:
    """Count the detections of all tables in a folder as one."""
    from badc.report.counts import LABELS, RECORDINGS, ask, count_totals
    from badc.report.files import write_table
    from badc.report.merge import count_doubles, find_tables
    from badc.report.source import open_source

    tables = find_tables(directory)
    with open_source(*tables) as source:
        totals, labels, recordings = (
            count_totals(source),
            ask(source, LABELS),
            ask(source, RECORDINGS),
        )
        report_files.warn_of_doubles(count_doubles(source))
        report_files.warn_of_mixture(source)
    say(f"{len(tables)} tables in {directory}")
    _say_totals(totals)
    _show("Labels", labels, limit)
    _show("Recordings", recordings, limit)
    if export_dir is not None:
        _say_written(
            [
                write_table(export_dir / "label_summary.csv", labels),
                write_table(export_dir / "recording_summary.csv", recordings),
            ]
        )


def _say_totals(totals: Totals) -> None:
    if not totals.detections:
        warn("Note: the table holds no detections.")
    say(
        f"{totals.detections} detections of {totals.labels} labels"
        f" in {totals.recordings} recordings"
    )


def _show(title: str, table: Table, limit: int) -> None:
    if not table.rows:
        return
    hidden = len(table.rows) - limit
    show_rows(title, table.columns, table.rows[:limit])
    if hidden > 0:
        say(f"... and {hidden} more.")


def _with_sparks(table: Table, sparks: dict[str, str], top: int) -> Table:
    top_rows = [(*row, sparks.get(row[0], "")) for row in table.rows[:top]]
    return Table(
        (*table.columns, SPARKLINE), [*top_rows, *((*row, "") for row in table.rows[top:])]
    )


def _say_written(paths: list[Path]) -> None:
    for path in paths:
        say(f"Wrote {path}")
