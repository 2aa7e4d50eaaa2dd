"""What a user asks of ``badc infer orchestrate``."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from badc.runs.batch_size import ChunksPerTask
from badc.runs.request import RunnerName


class OrchestrateRequest(BaseModel):
    """Hear every recording of a dataset that has not been heard yet.

    Relative paths mean: relative to the dataset. Beside a saved plan, the fields that are given
    count over what it says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: Path = Field(Path(), description="The dataset's folder.")
    manifest_dir: Path = Field(Path("manifests"), description="Where chunk manifests lie.")
    pattern: str = Field("*.csv", description="Which of them count.")
    chunk_plan: Path | None = Field(
        None, description="A saved plan (CSV or JSON) to take recordings from instead."
    )
    limit: int | None = Field(None, description="Take at most this many recordings.")
    include_existing: bool = Field(
        False, description="Take recordings also where every chunk has been heard already."
    )
    output_dir: Path = Field(Path("artifacts/infer"), description="Where the JSON goes.")
    telemetry_dir: Path = Field(Path("artifacts/telemetry"), description="Where logs go.")
    chunks_dir: Path = Field(
        Path("artifacts/chunks"), description="Where chunk folders say whether they are complete."
    )
    allow_partial_chunks: bool = Field(
        False, description="Take recordings also where cutting was not completed."
    )
    runner: RunnerName = Field("hawkears", description="Who listens.")
    runner_cmd: str | None = Field(None, description="With runner 'command': the program.")
    hawkears_args: tuple[str, ...] = Field((), description="Further arguments for HawkEars.")
    min_confidence: float = Field(0.25, description="With runner 'birdnet': what counts.")
    max_gpus: int | None = Field(None, description="Use at most this many GPUs; empty for all.")
    cpu_workers: int = Field(0, description="CPU workers beside the GPUs.")
    chunks_per_gpu: int = Field(1, description="How many chunks share a GPU at a time.")
    chunks_per_task: ChunksPerTask = Field(
        1, description="How many chunks one task run carries: a number, or auto."
    )
    gpu_only: bool = Field(False, description="Hear on GPUs alone; refused where there is none.")
    max_retries: int = Field(2, description="How often a failed chunk is tried again.")
    timeout_s: float | None = Field(None, description="Seconds an attempt may take.")
    keep_going: bool = Field(False, description="Within a recording, go on past chunks that fail.")
    rerun: bool = Field(
        False, description="Listen again to everything, also where every chunk is done."
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
