"""One ``badc infer aggregate``: as a flow run where a server records it, else right away."""

import atexit
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.table import Table

from badc.aggregate import Aggregated, Request, UnsoundTablesError, raise_if_mixed
from badc.aggregate import aggregate as run
from badc.cli.console import cell, say, show, warn
from badc.cli.signals import ending_on_signals

_SHOWN_REJECTED = 50
_SHOWN_SPECIES = 10
_SHOWN_LEFT_OUT = 5


@dataclass(frozen=True)
class Wanted:
    """What the flow is told beside the request's own fields."""

    allow_rejected: bool
    allow_mixed: bool
    places: str | None
    timezone: str | None
    audio_dir: Path | None


def gather(request: Request, wanted: Wanted) -> None:
    """Aggregate, and tell the terminal what became of it.

    Raises:
        typer.Exit: files had to be left out, and that is not allowed.
        UnsoundTablesError: the results are of several detectors, and that is not allowed.
    """
    with ending_on_signals():
        aggregated = _run(request, wanted)
    _tell(request, aggregated)
    if not wanted.allow_mixed:
        raise_if_mixed(aggregated, request.csv)
    if aggregated.detectors.are_mixed:
        warn(f"Warning: {request.csv}: holds {aggregated.detectors}.")
    if aggregated.rejected and not wanted.allow_rejected:
        raise typer.Exit(1)


def _run(request: Request, wanted: Wanted) -> Aggregated:
    from flows.server import answers, configured_server

    server = configured_server()
    if server is None:
        return run(request)
    if not answers(server):
        warn(f"Warning: no Prefect server answers at {server}; this is not recorded as a flow run.")
        return run(request)
    return _run_flow(request, wanted)


def _run_flow(request: Request, wanted: Wanted) -> Aggregated:
    from flows.settings import settle_prefect

    atexit.register(_hush)  # before Prefect registers anything: run after it
    settle_prefect()
    from badc.cli.infer_session import server_lost
    from badc.cli.leaving import ending_when_cancelled
    from flows.aggregate import aggregate as flow
    from flows.console import announcing
    from flows.lost_server import outliving

    try:
        with ending_when_cancelled():
            result: Aggregated = outliving(announcing(flow, say), server_lost)(
                detections_dir=request.detections_dir,
                output=request.csv,
                parquet=request.parquet,
                manifest=request.manifest,
                database=request.database,
                dedupe=request.dedupe,
                memory_mib=request.memory_mib,
                **asdict(wanted),
            )
    except UnsoundTablesError as error:
        return error.aggregated
    return result


def _hush() -> None:
    """Keep DuckDB's bindings from listing, as the last thing the process does, what Prefect holds.

    Prefect's threads are still alive then and refer to objects that refer to DuckDB; the bindings
    call that a leak and fill the screen with it.
    """
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _tell(request: Request, aggregated: Aggregated) -> None:
    if not aggregated.chunks:
        warn(f"Warning: no detections of any chunk found in {request.detections_dir}.")
    if aggregated.written:
        _count(request, aggregated)
        _show_species(aggregated)
    else:
        warn("The tables that are already there stay as they are.")
    for path in aggregated.written:
        say(f"Wrote {path}")
    if aggregated.left_out:
        names = aggregated.left_out_files[:_SHOWN_LEFT_OUT]
        more = ", …" if aggregated.left_out > len(names) else ""
        say(
            f"Left out as no detections of a chunk: {_number(aggregated.left_out, 'JSON file')}"
            f" ({', '.join(_below(request, name) for name in names)}{more})."
        )
    if aggregated.rejected:
        _show_rejected(request, aggregated)


def _count(request: Request, aggregated: Aggregated) -> None:
    say(
        f"{_number(aggregated.detections, 'detection')} in {_number(aggregated.chunks, 'chunk')}"
        f" ({aggregated.silent_chunks} without any) of"
        f" {_number(aggregated.recordings, 'recording')}."
    )
    if aggregated.merged:
        say(f"{_number(aggregated.merged, 'row')} merged: calls heard in two overlapping chunks.")
    if request.origins.rules.patterns and aggregated.unplaced_recordings:
        warn(
            f"Warning: {_number(aggregated.unplaced_recordings, 'recording')} without a place: no"
            " path fits the patterns. --audio-dir names the folder of the recordings."
        )
    if aggregated.detectors.are_stub_alone:
        warn("Warning: every chunk went to the stub runner, which hears nothing.")
    if aggregated.detectors.are_mixed:
        _show_detectors(aggregated)


def _show_detectors(aggregated: Aggregated) -> None:
    table = Table("Detector", "Chunks", "Recordings", title="Detectors and settings")
    for each in aggregated.detectors.found:
        table.add_row(cell(each), cell(f"{each.chunks:,}"), cell(f"{each.recordings:,}"))
    show(table)
    if aggregated.chunks_heard_twice:
        say(
            f"{_number(aggregated.chunks_heard_twice, 'chunk')} heard by more than one of them;"
            " before counting, choose by the columns runner, model_version and runner_fingerprint."
        )


def _show_species(aggregated: Aggregated) -> None:
    if not aggregated.species:
        return
    table = Table("Label", "Detections", title="Most frequent labels")
    for label, rows in list(aggregated.species.items())[:_SHOWN_SPECIES]:
        table.add_row(cell(label), cell(rows))
    show(table)


def _show_rejected(request: Request, aggregated: Aggregated) -> None:
    table = Table(title="Rejected files")
    table.add_column("File", no_wrap=True, overflow="fold")
    table.add_column("Reason")
    for entry in aggregated.rejected[:_SHOWN_REJECTED]:
        table.add_row(cell(_below(request, entry.file)), cell(entry.reason))
    show(table)
    rejected = _number(len(aggregated.rejected), "file")
    warn(f"{rejected} rejected, all of them listed in {request.rejected_csv}")


def _below(request: Request, file: str) -> str:
    """Return a file's path as seen from the results tree."""
    return file.removeprefix(f"{request.detections_dir.absolute()}/")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
