"""``badc infer orchestrate``: a whole dataset, planned and, if asked, heard."""

from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli.runner_options import (
    AttemptLimit,
    HawkearsArgs,
    MinConfidence,
    RunnerCommand,
    RunnerName,
    UseHawkears,
    chosen_runner,
)

Option = typer.Option


def orchestrate(
    dataset: Annotated[
        Path, typer.Argument(metavar="[DATASET]", help="The dataset's folder.")
    ] = Path(),
    manifest_dir: Annotated[Path, Option(help="Folder of chunk manifests.")] = Path("manifests"),
    pattern: Annotated[str, Option(help="Which files in it are manifests.")] = "*.csv",
    chunk_plan: Annotated[
        Path | None, Option(help="Take recordings from a saved plan (CSV or JSON) instead.")
    ] = None,
    limit: Annotated[int | None, Option(help="Take at most N recordings.")] = None,
    include_existing: Annotated[
        bool,
        Option(
            "--include-existing/--skip-existing", help="Take also recordings whose chunks are done."
        ),
    ] = False,
    output_dir: Annotated[Path, Option(help="Folder for the JSON.")] = Path("artifacts/infer"),
    telemetry_dir: Annotated[Path, Option(help="Folder for logs.")] = Path("artifacts/telemetry"),
    chunks_dir: Annotated[Path, Option(help="Folder of chunk folders.")] = Path("artifacts/chunks"),
    allow_partial_chunks: Annotated[
        bool,
        Option(
            "--allow-partial-chunks/--require-complete-chunks",
            help="Take also recordings that were not cut completely.",
        ),
    ] = False,
    use_hawkears: UseHawkears = None,
    runner: RunnerName = None,
    runner_cmd: RunnerCommand = None,
    hawkears_arg: HawkearsArgs = None,
    min_confidence: MinConfidence = 0.25,
    max_gpus: Annotated[int | None, Option(help="Use at most N GPUs.  [default: all]")] = None,
    cpu_workers: Annotated[int, Option(help="CPU workers beside the GPUs.")] = 0,
    chunks_per_gpu: Annotated[int, Option(help="How many chunks share a GPU at a time.")] = 1,
    gpu_only: Annotated[
        bool, Option("--gpu-only", help="Hear on GPUs alone; refused where there is none.")
    ] = False,
    max_retries: Annotated[int, Option(help="Retries per chunk.")] = 2,
    timeout: AttemptLimit = None,
    keep_going: Annotated[
        bool, Option("--keep-going", help="Within a recording, go on past failed chunks.")
    ] = False,
    plan_csv: Annotated[Path | None, Option(help="Write the plan as CSV.")] = None,
    plan_json: Annotated[Path | None, Option(help="Write the plan as JSON.")] = None,
    print_datalad_run: Annotated[
        bool, Option("--print-datalad-run", help="Print a 'datalad run' command per recording.")
    ] = False,
    apply: Annotated[bool, Option("--apply/--plan-only", help="Hear the recordings now.")] = False,
    record_datalad: Annotated[
        bool | None,
        Option(
            "--record-datalad/--no-record-datalad",
            help="Have 'datalad run' record each recording.  [default: in a DataLad dataset]",
        ),
    ] = None,
    resume_completed: Annotated[
        bool,
        Option(
            "--resume-completed/--rerun-all",
            help="Skip what the summaries of earlier runs mark success.",
        ),
    ] = False,
    bundle: Annotated[
        bool, Option("--bundle", help="Then make a table and reports of each recording.")
    ] = False,
    bundle_aggregate_dir: Annotated[Path, Option(help="Folder for those.")] = Path(
        "artifacts/aggregate"
    ),
    bundle_bucket_minutes: Annotated[int, Option(min=1, help="Width of a time line's bar.")] = 60,
    bundle_rollup: Annotated[
        bool, Option("--bundle-rollup", help="Then count all recordings as one.")
    ] = False,
    bundle_rollup_limit: Annotated[int, Option(min=1, help="Rows of that to show.")] = 20,
    bundle_rollup_export_dir: Annotated[
        Path | None,
        Option(help="Folder for its CSV files.  [default: <aggregate-dir>/aggregate_summary]"),
    ] = None,
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
    sockeye_bundle_aggregate_dir: Annotated[Path, Option(help="Folder for those.")] = Path(
        "artifacts/aggregate"
    ),
    sockeye_bundle_bucket_minutes: Annotated[int, Option(min=1, help="Width of a bar.")] = 60,
) -> None:
    """Plan inference for every recording of a dataset; with --apply, carry the plan out.

    Relative paths are relative to DATASET. A recording is left out when every one of its chunks
    has been heard.
    """
    from badc.cli.orchestrate_session import Wishes, carry_out
    from badc.orchestration import OrchestrateRequest

    request = OrchestrateRequest.model_validate(
        {
            "dataset": dataset,
            "manifest_dir": manifest_dir,
            "pattern": pattern,
            "chunk_plan": chunk_plan,
            "limit": limit,
            "include_existing": include_existing,
            "output_dir": output_dir,
            "telemetry_dir": telemetry_dir,
            "chunks_dir": chunks_dir,
            "allow_partial_chunks": allow_partial_chunks,
            "runner": chosen_runner(runner, runner_cmd, use_hawkears),
            "runner_cmd": runner_cmd,
            "hawkears_args": tuple(hawkears_arg or ()),
            "min_confidence": min_confidence,
            "max_gpus": max_gpus,
            "cpu_workers": cpu_workers,
            "chunks_per_gpu": chunks_per_gpu,
            "gpu_only": gpu_only,
            "max_retries": max_retries,
            "timeout_s": timeout,
            "keep_going": keep_going,
        }
    )
    wishes = Wishes(
        plan_files=tuple(path for path in (plan_csv, plan_json) if path is not None),
        print_datalad_run=print_datalad_run,
        apply=apply,
        record=record_datalad,
        resume=resume_completed,
        bundling=bundling(
            dataset / bundle_aggregate_dir,
            bundle_bucket_minutes,
            bundle_rollup,
            bundle_rollup_limit,
            bundle_rollup_export_dir and dataset / bundle_rollup_export_dir,
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
            bundle=(sockeye_bundle_aggregate_dir, sockeye_bundle_bucket_minutes)
            if sockeye_bundle
            else None,
            detections_dir=output_dir,
        ),
    )
    carry_out(request, wishes)


def bundling(folder: Path, minutes: int, roll_up: bool, limit: int, export: Path | None) -> Any:  # noqa: ANN401 - see below
    """Return what is to be made of a dataset's detections."""
    from badc.cli.bundling import Bundling  # brings DuckDB

    return Bundling(folder, minutes, roll_up, limit, export or folder / "aggregate_summary")


def _scripts(
    path: Path | None,
    job: dict[str, Any],
    *,
    bundle: tuple[Path, int] | None,
    **more: Any,  # noqa: ANN401 - fields of Scripts
) -> Any:  # noqa: ANN401 - see below
    from badc.cli.sockeye import Scripts  # brings the templates' language
    from badc.slurm import ArrayJob, Bundle

    if path is None:
        return None
    return Scripts(
        path, ArrayJob(**job), bundle=None if bundle is None else Bundle(*bundle), **more
    )
