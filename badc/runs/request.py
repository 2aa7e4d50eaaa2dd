"""What a user asks of ``badc infer run``, on the command line, in a preset or in the Prefect UI."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from badc.runs.batch_size import ChunksPerTask

RunnerName = Literal["stub", "command", "hawkears", "birdnet"]


class InferRequest(BaseModel):
    """Listen to every chunk of one manifest.

    Relative paths mean: relative to the working directory of whoever asks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: Path = Field(description="Chunk manifest CSV, made by 'badc chunk run'.")
    runner: RunnerName = Field("stub", description="Who listens.")
    runner_cmd: str | None = Field(
        None, description="With runner 'command': the program, called with --input and --output."
    )
    hawkears_args: tuple[str, ...] = Field(
        (), description="With runner 'hawkears': further arguments, passed through as they are."
    )
    min_confidence: float = Field(
        0.25, description="With runner 'birdnet': the lowest confidence that counts."
    )
    max_gpus: int | None = Field(None, description="Use at most this many GPUs; empty for all.")
    cpu_workers: int = Field(0, description="CPU slots beside the GPUs; at least one without any.")
    chunks_per_gpu: int = Field(1, description="How many chunks share a GPU at a time.")
    chunks_per_task: ChunksPerTask = Field(
        1, description="How many chunks one task run carries: a number, or auto."
    )
    gpu_only: bool = Field(False, description="Hear on GPUs alone; refused where there is none.")
    output_dir: Path | None = Field(
        None, description="Where the JSON goes; empty for artifacts/infer (inside the dataset)."
    )
    max_retries: int = Field(2, description="How often a failed chunk is tried again.")
    timeout_s: float | None = Field(
        None, description="Seconds an attempt may take; empty for a limit no healthy chunk meets."
    )
    telemetry_log: Path | None = Field(
        None, description="Where events are logged (JSONL); empty for a fresh file per run."
    )
    resume_summary: Path | None = Field(
        None, description="Skip the chunks that this *.summary.json marks success."
    )
    keep_going: bool = Field(False, description="Go on past chunks that fail; report them at last.")
    rerun: bool = Field(False, description="Listen again even to chunks that are already done.")
    rerun_finished: bool = Field(
        False,
        description="Listen again where every chunk is done; else go on with what is left. What"
        " DataLad records says so.",
    )
    replace: bool = Field(
        False,
        description="Replace results of another runner, or of other arguments, that stand in the"
        " way.",
    )
    scheduler_address: str | None = Field(
        None, description="Run on this Dask cluster (tcp://host:port) instead of this host's slots."
    )
    cluster_profile: Path | None = Field(
        None, description="Run where this TOML file says: on a Dask cluster, or in jobs of Slurm."
    )

    @field_validator("*")
    @classmethod
    def _holds_no_nul(cls, value: object) -> object:
        """Refuse what no file name and no argument can hold; a form can send it."""
        if "\0" in str(value):
            raise ValueError("holds a NUL character")
        return value
