"""``badc chunk``: recordings into chunks."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli import chunk_orchestrate, chunk_probe
from badc.cli.console import say

app = typer.Typer(rich_markup_mode=None)
app.command("orchestrate")(chunk_orchestrate.orchestrate)
app.command("probe")(chunk_probe.probe)

_Recording = Annotated[
    Path, typer.Argument(metavar="FILE", help="Recording: WAV, FLAC, MP3, OGG, W64, AIFF, …")
]
_OutputDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the chunk files. By default <dataset>/artifacts/chunks/<recording> when"
        " FILE lies in a DataLad dataset, else <recording>_chunks beside FILE.",
    ),
]
_Overlap = Annotated[
    float, typer.Option(help="Seconds that each chunk repeats of the one before it.")
]
_Duration = Annotated[float, typer.Option(help="Seconds of a chunk (whole milliseconds).")]


@app.command()
def run(
    file: _Recording,
    chunk_duration: _Duration,
    overlap: _Overlap = 0.0,
    output_dir: _OutputDir = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            help="Manifest CSV to write. By default <dataset>/manifests/<recording>.csv when FILE"
            " lies in a DataLad dataset, else <recording>_chunks.csv beside FILE.",
        ),
    ] = None,
    recording_id: Annotated[
        str | None,
        typer.Option(help="Name of the recording, in ids and files.  [default: FILE's stem]"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be made; write nothing.")
    ] = False,
) -> None:
    """Cut a recording into PCM WAV chunks and write their manifest.

    Integer samples keep every bit.

    A float recording beyond full scale is scaled down as a whole (see notes).

    Chunk files of the same names are replaced.

    Files of a cut of other lengths stay; the manifest does not list them.
    """
    from badc.chunking import plan_cut, preview
    from badc.cli.chunk_session import count, make

    plan = plan_cut(
        file,
        chunk_duration_s=chunk_duration,
        overlap_s=overlap,
        recording_id=recording_id,
        chunk_dir=output_dir,
        manifest=manifest,
    )
    if not dry_run:
        make(plan)
        return
    chunk_ids = preview(plan)
    for chunk_id in chunk_ids:
        say(chunk_id)
    say(f"Would make {count(len(chunk_ids))} in {plan.chunk_dir}")
    say(f"Would write the manifest {plan.manifest}")


@app.command()
def manifest(
    file: _Recording,
    chunk_duration: _Duration = 60.0,
    overlap: _Overlap = 0.0,
    output: Annotated[Path, typer.Option(help="Manifest CSV to write.")] = Path(
        "chunk_manifest.csv"
    ),
    output_dir: _OutputDir = None,
    hash_chunks: Annotated[
        bool, typer.Option("--hash-chunks", help="Give each chunk's sha256.")
    ] = False,
) -> None:
    """Write a chunk manifest that 'badc infer run' can work on.

    Its rows are files, so the chunks are cut too, as by 'badc chunk run'.
    """
    from badc.chunking import plan_cut
    from badc.cli.chunk_session import make

    plan = plan_cut(
        file,
        chunk_duration_s=chunk_duration,
        overlap_s=overlap,
        chunk_dir=output_dir,
        manifest=output,
        hash_chunks=hash_chunks,
    )
    make(plan)


@app.command()
def split(file: _Recording, chunk_duration: _Duration = 60.0, overlap: _Overlap = 0.0) -> None:
    """Print the ids of the chunks that a cut would make; write nothing."""
    from badc.chunking import chunk_ids, plan_cut

    for chunk_id in chunk_ids(plan_cut(file, chunk_duration_s=chunk_duration, overlap_s=overlap)):
        say(chunk_id)
