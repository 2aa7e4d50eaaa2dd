"""What a user asks of ``badc infer orchestrate``."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from badc.requests.option import Cli
from badc.requests.run_options import RunnerField, RunOptions


class OrchestrateRequest(RunOptions):
    """Hear every recording of a dataset that has not been heard yet.

    Relative paths mean: relative to the dataset. Beside a saved plan, the fields that are given
    count over what it says.
    """

    dataset: Annotated[Path, Cli(metavar="DATASET", positional=True)] = Field(
        Path(), description="The dataset's folder."
    )
    manifest_dir: Path = Field(Path("manifests"), description="Folder of chunk manifests.")
    pattern: str = Field("*.csv", description="Which files in it are manifests.")
    chunk_plan: Path | None = Field(
        None,
        description="Take recordings from a saved plan (CSV or JSON) instead; what is asked beside"
        " it counts over it.",
    )
    limit: int | None = Field(None, description="Take at most N recordings.")
    include_existing: Annotated[bool, Cli(off="--skip-existing")] = Field(
        False, description="Take also recordings whose chunks are done."
    )
    output_dir: Path = Field(Path("artifacts/infer"), description="Folder for the JSON.")
    telemetry_dir: Path = Field(Path("artifacts/telemetry"), description="Folder for logs.")
    chunks_dir: Path = Field(Path("artifacts/chunks"), description="Folder of chunk folders.")
    allow_partial_chunks: Annotated[bool, Cli(off="--require-complete-chunks")] = Field(
        False, description="Take also recordings that were not cut completely."
    )
    runner: RunnerField = "hawkears"
    rerun: Annotated[bool, Cli(word="--rerun-all")] = Field(
        False, description="Run everything again, also where all is done."
    )
