"""``badc pipeline``: from recordings to reports in one go."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli import options as shared
from badc.cli.field_options import takes
from badc.cli.runner_options import UseHawkears
from badc.cli.table_options import table_settings
from badc.cli.typed import typed_options
from badc.requests import OrchestrateRequest, RunOptions

if TYPE_CHECKING:
    from badc.errors import RunFailedError
    from badc.orchestration.chunk_plan import ChunkRequest

Option = typer.Option
app = typer.Typer(rich_markup_mode=None)


@app.command()
@takes(OrchestrateRequest, RunOptions.model_fields)
def run(
    context: typer.Context,
    dataset: shared.Dataset = Path(),
    chunk_plan: Annotated[
        Path | None,
        Option(
            help="Write the plan of cuts here, from the working directory."
            "  [default: plans/pipeline_chunks.json in DATASET]"
        ),
    ] = None,
    pattern: shared.RecordingPattern = None,
    chunk_duration: shared.ChunkDuration = 60.0,
    overlap: shared.Overlap = 0.0,
    workers: shared.CutWorkers = 1,
    use_hawkears: UseHawkears = None,
    record_datalad: shared.RecordDatalad = None,
    bundle: Annotated[
        bool, Option("--bundle/--no-bundle", help="Make tables, reports and a page at the end.")
    ] = True,
    places: shared.Places = None,
    timezone: shared.TimeZone = None,
    keep_doubles: shared.KeepDoubles = False,
    **options: Any,  # noqa: ANN401 - as the fields of RunOptions are
) -> None:
    """Cut all recordings below DATASET/audio, hear their chunks, make tables and reports.

    What is done already is not repeated: to go on after a failure, type the same again. With
    --rerun-all everything is heard again; what has been cut stays.
    """
    from badc.cli import orchestrate, orchestrate_session
    from badc.orchestration.chunk_plan import ChunkRequest

    given = locals()
    options |= {"dataset": dataset.absolute(), "use_hawkears": use_hawkears}
    typed = typed_options(context) - {"chunk_plan", "pattern"}  # those are about cutting
    # before anything is cut: they may make no sense
    request = orchestrate.requested(options, typed)
    settings = table_settings({**given, **options}, typed, wanted=bundle, else_say="--bundle")
    cuts = ChunkRequest(dataset, tuple(pattern or ["*.wav"]), chunk_duration, overlap)
    plan = chunk_plan or dataset / "plans" / "pipeline_chunks.json"
    uncut = _cut(cuts, plan, record_datalad, workers)
    folder = dataset / "artifacts" / "aggregate"
    orchestrate_session.carry_out(
        request,
        orchestrate_session.Wishes(
            plan_csv=None,
            plan_json=None,
            print_datalad_run=False,
            apply=True,
            record=record_datalad,
            resume=not request.rerun,
            bundling=orchestrate.bundling(
                folder, 60, True, 20, None, dataset / request.chunks_dir, dataset, settings
            )
            if bundle
            else None,
        ),
    )
    if uncut is not None:
        raise uncut


def _cut(
    request: "ChunkRequest", plan: Path, record: bool | None, workers: int
) -> "RunFailedError | None":
    """Cut what can be cut; return what to fail with when that has been heard all the same."""
    from badc.cli.chunk_orchestrate_session import Wishes, carry_out
    from badc.cli.console import warn
    from badc.errors import RunFailedError

    try:
        carry_out(request, Wishes(None, plan, False, True, record, workers, keep_plan=True))
    except RunFailedError as error:
        warn(f"Error: {error}")
        return error
    return None
