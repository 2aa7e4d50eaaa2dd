"""Options that several commands share, each named once; who listens stands in runner_options."""

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, BadParameter, Option


def _count_or_auto(word: object) -> int | str:
    text = str(word).strip()
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise BadParameter(f"{text!r} is neither a whole number nor 'auto'.") from None


Dataset = Annotated[Path, Argument(metavar="DATASET", help="The dataset's folder.")]

# On what, and how often
MaxGpus = Annotated[
    int | None, Option(help="Use at most N of the GPUs found; 0 for none.  [default: all]")
]
CpuWorkers = Annotated[
    int, Option(help="CPU workers beside the GPUs; at least one without any GPU.")
]
ChunksPerGpu = Annotated[int, Option(help="How many chunks share a GPU at a time.")]
ChunksPerTask = Annotated[
    Any, Option(metavar="N|auto", parser=_count_or_auto, help="Chunks per task run, if short.")
]
GpuOnly = Annotated[
    bool, Option("--gpu-only", help="Hear on GPUs alone; refused where there is none.")
]
MaxRetries = Annotated[int, Option(help="Retries per chunk.")]
KeepGoing = Annotated[
    bool,
    Option(
        "--keep-going", help="Within a recording, go on past failed chunks; report them at the end."
    ),
]
Replace = Annotated[
    bool,
    Option("--replace", help="Replace results of other runners that stand in the way."),
]

RerunAll = Annotated[
    bool, Option("--rerun-all", help="Listen again to everything, also where all is done.")
]

# Where, if not here
SchedulerAddress = Annotated[
    str | None, Option(metavar="tcp://HOST:PORT", help="Run on an existing Dask cluster.")
]
ClusterProfile = Annotated[
    Path | None,
    Option(metavar="FILE.toml", help="Run on the cluster that this file describes."),
]

# Cutting
RecordingPattern = Annotated[
    list[str] | None,
    Option(help="Names of recordings, in any case (repeatable).  [default: *.wav]"),
]
ChunkDuration = Annotated[float, Option(help="Seconds of a chunk.")]
Overlap = Annotated[float, Option(help="Seconds that each chunk repeats of the one before it.")]
CutWorkers = Annotated[int, Option(help="Cut so many recordings at a time.")]

# Plans and records
PlanCsv = Annotated[Path | None, Option(help="Write the plan as CSV, from the working directory.")]
PlanJson = Annotated[Path | None, Option(help="Write the plan as JSON, likewise.")]
RecordDatalad = Annotated[
    bool | None,
    Option(
        "--record-datalad/--no-record-datalad",
        help="Have 'datalad run' record each recording.  [default: in a DataLad dataset]",
    ),
]
BucketMinutes = Annotated[int, Option(min=1, help="Width of a time line's bar.")]
AggregateDir = Annotated[Path, Option(help="Folder for those.")]

# Tables: where and when, and calls heard twice
Places = Annotated[
    str | None,
    Option(
        help="How paths tell study area and location: aru-data, aru-type, station, or a TOML file."
    ),
]
TimeZone = Annotated[
    str | None,
    Option(
        help="The site's time zone, such as America/Yellowknife or -07:00."
        "  [default: that of the places' file, else $BADC_TIMEZONE]"
    ),
]
AudioDir = Annotated[
    Path | None, Option(help="Folder of the recordings, whose paths tell the places.")
]
KeepDoubles = Annotated[
    bool,
    Option(
        "--keep-doubles", help="Leave a call heard in two overlapping chunks as two rows of tables."
    ),
]
