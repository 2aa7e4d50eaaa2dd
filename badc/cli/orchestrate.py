"""``badc infer orchestrate``: a whole dataset, planned and, if asked, heard."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli import options as shared
from badc.cli.field_options import field_values, fields_of, takes
from badc.cli.runner_options import UseHawkears, chosen_runner
from badc.cli.table_options import table_settings
from badc.cli.typed import typed_options
from badc.requests import OrchestrateRequest, RunOptions, paths_of

if TYPE_CHECKING:
    from badc.orchestration import TableSettings

Option = typer.Option


@takes(OrchestrateRequest, OrchestrateRequest.model_fields.keys() - {"rerun"})
def orchestrate(
    context: typer.Context,
    use_hawkears: UseHawkears = None,
    plan_csv: shared.PlanCsv = None,
    plan_json: shared.PlanJson = None,
    print_datalad_run: Annotated[
        bool, Option("--print-datalad-run", help="Print a 'datalad run' command per recording.")
    ] = False,
    apply: Annotated[bool, Option("--apply/--plan-only", help="Hear the recordings now.")] = False,
    record_datalad: shared.RecordDatalad = None,
    resume_completed: Annotated[
        bool | None,
        Option(
            "--resume-completed/--rerun-all",
            help="Skip what the summaries of earlier runs mark success, or listen again to"
            " everything.  [default: listen to what is not done]",
        ),
    ] = None,
    bundle: Annotated[
        bool, Option("--bundle", help="Then make a table and reports of each recording.")
    ] = False,
    bundle_aggregate_dir: shared.AggregateDir = Path("artifacts/aggregate"),
    bundle_bucket_minutes: shared.BucketMinutes = 60,
    bundle_rollup: Annotated[
        bool, Option("--bundle-rollup", help="Then count all recordings as one; write a page.")
    ] = False,
    bundle_rollup_limit: Annotated[int, Option(min=1, help="Rows of that to show.")] = 20,
    bundle_rollup_export_dir: Annotated[
        Path | None,
        Option(help="Folder for its CSV files.  [default: <aggregate-dir>/aggregate_summary]"),
    ] = None,
    places: shared.Places = None,
    timezone: shared.TimeZone = None,
    audio_dir: shared.AudioDir = None,
    keep_doubles: shared.KeepDoubles = False,
    sockeye_script: Annotated[
        Path | None, Option(help="Write a Slurm array script, one task per recording.")
    ] = None,
    sockeye_job_name: Annotated[str, Option(help="sbatch --job-name.")] = "badc-infer",
    sockeye_account: Annotated[str | None, Option(help="sbatch --account.")] = None,
    sockeye_partition: Annotated[str | None, Option(help="sbatch --partition.")] = None,
    sockeye_gres: Annotated[str | None, Option(help="sbatch --gres, such as gpu:1.")] = None,
    sockeye_time: Annotated[str | None, Option(help="sbatch --time, such as 08:00:00.")] = None,
    sockeye_cpus_per_task: Annotated[int | None, Option(help="sbatch --cpus-per-task.")] = None,
    sockeye_mem: Annotated[str | None, Option(help="sbatch --mem, such as 16G.")] = None,
    sockeye_log_dir: Annotated[Path | None, Option(help="Folder for the tasks' output.")] = None,
    sockeye_throttle: Annotated[int | None, Option(help="At most N tasks at a time.")] = None,
    sockeye_directive: Annotated[
        list[str] | None, Option(help="A further sbatch option (repeatable).")
    ] = None,
    sockeye_setup: Annotated[
        list[str] | None, Option(help="A line of bash that makes badc available (repeatable).")
    ] = None,
    sockeye_scratch_dir: Annotated[
        Path | None, Option(help="Where outputs go if compute nodes cannot write to DATASET.")
    ] = None,
    sockeye_resume_completed: Annotated[
        bool, Option("--sockeye-resume-completed", help="Let the script resume by summaries.")
    ] = False,
    sockeye_bundle: Annotated[
        bool, Option("--sockeye-bundle", help="Let it also make tables and reports.")
    ] = False,
    sockeye_bundle_aggregate_dir: shared.AggregateDir = Path("artifacts/aggregate"),
    sockeye_bundle_bucket_minutes: shared.BucketMinutes = 60,
    **options: Any,  # noqa: ANN401 - as the fields of OrchestrateRequest are
) -> None:
    """Plan inference for every recording of a dataset; with --apply, carry the plan out.

    A recording is left out when every one of its chunks has been heard.

    Relative paths of folders are relative to DATASET. Files that you name for yourself (plans,
    scripts, a cluster profile, programs of --runner-cmd) are relative to the working directory, as
    are --sockeye-log-dir and --sockeye-scratch-dir.
    """
    given, typed = locals(), typed_options(context)
    options |= {"use_hawkears": use_hawkears, "resume_completed": resume_completed}
    request = requested(options, typed)
    settings = table_settings(
        {**given, **options},
        typed,
        wanted=bundle or bundle_rollup or sockeye_bundle,
        else_say="--bundle",
    )
    from badc.cli.orchestrate_session import Wishes, carry_out

    dataset = options["dataset"]

    wishes = Wishes(
        plan_csv=plan_csv,
        plan_json=plan_json,
        print_datalad_run=print_datalad_run,
        apply=apply,
        record=record_datalad,
        resume=resume_completed is True,
        bundling=bundling(
            dataset / bundle_aggregate_dir,
            bundle_bucket_minutes,
            bundle_rollup,
            bundle_rollup_limit,
            bundle_rollup_export_dir and dataset / bundle_rollup_export_dir,
            dataset / options["chunks_dir"],
            dataset,
            settings,
        )
        if bundle or bundle_rollup
        else None,
        scripts=_scripts(
            sockeye_script,
            {
                "job_name": sockeye_job_name,
                "account": sockeye_account,
                "partition": sockeye_partition,
                "gres": sockeye_gres,
                "time": sockeye_time,
                "cpus_per_task": sockeye_cpus_per_task,
                "mem": sockeye_mem,
                "log_dir": sockeye_log_dir and sockeye_log_dir.absolute(),
                "throttle": sockeye_throttle,
                "directives": tuple(sockeye_directive or ()),
                "setup": tuple(sockeye_setup or ()),
            },
            resume=sockeye_resume_completed,
            scratch_dir=sockeye_scratch_dir and sockeye_scratch_dir.absolute(),
            bundle=(
                sockeye_bundle_aggregate_dir,
                sockeye_bundle_bucket_minutes,
                tuple(settings.words(dataset.absolute())),
            )
            if sockeye_bundle
            else None,
        ),
    )
    carry_out(request, wishes)


def requested(options: Mapping[str, Any], typed: Collection[str]) -> OrchestrateRequest:
    """Return the request that options make.

    Only what was typed is given in it: beside a saved plan, that counts over the plan.

    Args:
        options: arguments of a command by name.
        typed: the names of those that were typed; a field without one has its default.

    Raises:
        UsageError: options name different runners.
    """
    from badc.runs.portable_words import from_anywhere

    asked = field_values(OrchestrateRequest, options)
    asked["runner"] = chosen_runner(options)
    # found from where the command was typed, not from the dataset
    asked["runner_cmd"] = from_anywhere(asked["runner_cmd"])
    for name in paths_of(RunOptions):
        asked[name] = asked[name] and asked[name].absolute()
    if "chunk_plan" in asked:
        asked["chunk_plan"] = _plan_file(asked["chunk_plan"], asked["dataset"])
    given = fields_of(OrchestrateRequest, typed) | {"dataset"}
    if "resume_completed" in typed:
        asked["rerun"] = options["resume_completed"] is False
        given.add("rerun")
    return OrchestrateRequest.model_validate({name: asked[name] for name in given})


def _plan_file(path: Path | None, dataset: Path) -> Path | None:
    """Return the absolute path of a saved plan, found from where the command was typed."""
    from badc.errors import UsageError
    from badc.home import from_home

    place = path and from_home(path, "--chunk-plan").absolute()
    if place and path and not os.path.lexists(place) and os.path.lexists(dataset / path):
        raise UsageError(
            f"--chunk-plan {path}: is not in the working directory, but in {dataset}.",
            f"Write {dataset / path}.",
        )
    return place


def bundling(
    folder: Path,
    minutes: int,
    roll_up: bool,
    limit: int,
    export: Path | None,
    chunks_dir: Path,
    dataset: Path,
    settings: "TableSettings",
) -> Any:  # noqa: ANN401 - see below
    """Return what is to be made of a dataset's detections."""
    from badc.cli.bundling import Bundling  # brings DuckDB

    export_dir = export or folder / "aggregate_summary"
    return Bundling(folder, minutes, roll_up, limit, export_dir, chunks_dir, dataset, settings)


def _scripts(
    path: Path | None,
    job: dict[str, Any],
    *,
    bundle: tuple[Path, int, tuple[str, ...]] | None,
    **more: Any,  # noqa: ANN401 - fields of Scripts
) -> Any:  # noqa: ANN401 - see below
    from badc.cli.sockeye import Scripts  # brings the templates' language
    from badc.slurm import ArrayJob, Bundle

    if path is None:
        return None
    return Scripts(
        path, ArrayJob(**job), bundle=None if bundle is None else Bundle(*bundle), **more
    )
