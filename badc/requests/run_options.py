"""Who listens, on what and how often: options that one manifest and a whole dataset have alike.

A new one is a field here. Plans of recordings get a column for it, after those there are; so it
belongs at the end.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from badc.requests.option import Cli, own_first

RunnerName = Literal["stub", "command", "hawkears", "birdnet"]
ChunksPerTask = int | Literal["auto"]
RunnerField = Annotated[
    RunnerName,
    Cli(metavar="NAME"),
    Field(description="Who listens: stub, command, hawkears or birdnet."),
]


class RunnerOptions(BaseModel):
    """Who listens."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=own_first)

    runner: RunnerField = "stub"
    runner_cmd: str | None = Field(
        None, description="Program to run on each chunk, with --input and --output (command)."
    )
    hawkears_args: Annotated[tuple[str, ...], Cli(word="--hawkears-arg")] = Field(
        (), description="Argument handed on to HawkEars as it is (repeatable)."
    )
    min_confidence: float = Field(
        0.25, description="BirdNET: keep detections at or above this confidence."
    )

    @field_validator("*")
    @classmethod
    def _holds_no_nul(cls, value: object) -> object:
        """Refuse what no file name and no argument can hold; a form can send it."""
        if "\0" in str(value):
            raise ValueError("holds a NUL character")
        return value


class RunOptions(RunnerOptions):
    """Who listens, on what and how often."""

    max_gpus: int | None = Field(
        None, description="Use at most N of the GPUs found; 0 for none.  [default: all]"
    )
    cpu_workers: int = Field(
        0, description="CPU workers in addition to the GPUs (at least one where there is no GPU)."
    )
    max_retries: int = Field(2, description="Retries per chunk.")
    timeout_s: Annotated[float | None, Cli(word="--timeout")] = Field(
        None,
        description="Seconds one attempt may take.  [default: 600 + 30 times the chunk's length]",
    )
    keep_going: bool = Field(
        False, description="Go on past failed chunks of a manifest; report them at the end."
    )
    chunks_per_gpu: int = Field(1, description="How many chunks share a GPU at a time.")
    gpu_only: bool = Field(False, description="Use GPUs only; stop if there are none.")
    scheduler_address: Annotated[str | None, Cli(metavar="tcp://HOST:PORT")] = Field(
        None, description="Run on this Dask cluster instead of this host's slots."
    )
    cluster_profile: Annotated[Path | None, Cli(metavar="FILE.toml")] = Field(
        None, description="Run where this file says: on a Dask cluster, or in jobs of Slurm."
    )
    chunks_per_task: Annotated[ChunksPerTask, Cli(metavar="N|auto")] = Field(
        1, description="Short chunks to group into one task run: a number, or auto."
    )
    rerun: bool = Field(False, description="Run all chunks again, also those that are done.")
    replace: bool = Field(
        False,
        description="Replace results of other runners, or of other arguments, that stand in the"
        " way.",
    )
    min_free_gib: float | None = Field(
        None,
        description="Begin no run where fewer GiB are free for the JSON.  [default: whatever is]",
    )

    def run_options(self) -> dict[str, Any]:
        """Return these options, by field, for another request that has them."""
        return {name: getattr(self, name) for name in RunOptions.model_fields}
