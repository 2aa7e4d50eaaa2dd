"""What a user asks of ``badc infer run``, on the command line, in a preset or in the Prefect UI."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from badc.requests.option import Cli
from badc.requests.run_options import RunOptions


class InferRequest(RunOptions):
    """Listen to every chunk of one manifest.

    Relative paths mean: relative to the working directory of whoever asks.
    """

    manifest: Annotated[Path, Cli(metavar="MANIFEST", positional=True)] = Field(
        description="Chunk manifest CSV, made by 'badc chunk run'."
    )
    output_dir: Path | None = Field(
        None, description="Folder for the JSON.  [default: artifacts/infer, inside the dataset]"
    )
    telemetry_log: Path | None = Field(
        None, description="Event log (JSONL).  [default: a fresh one per run]"
    )
    resume_summary: Path | None = Field(
        None, description="Continue an earlier run from its *.summary.json."
    )
    rerun_finished: bool = Field(
        False,
        description="Run all again if everything is done, else continue (what DataLad records).",
    )
