"""Options that several commands share and no request has, each named once."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Dataset = Annotated[Path, Argument(metavar="DATASET", help="The dataset's folder.")]

# Cutting
RecordingPattern = Annotated[
    list[str] | None,
    Option(help="Names of recordings, in any case (repeatable).  [default: *.wav]"),
]
ChunkDuration = Annotated[float, Option(help="Seconds of a chunk.")]
Overlap = Annotated[float, Option(help="Overlap between neighbouring chunks, in seconds.")]
CutWorkers = Annotated[int, Option(help="Number of recordings to cut in parallel.")]

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
