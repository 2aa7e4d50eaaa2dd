"""``badc report export``, ``merge`` and ``html``: what leaves BADC."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from badc.cli.console import say, warn

if TYPE_CHECKING:
    from badc.report.page import Page, Wish
    from badc.report.source import Source

_DEFAULT = Path("artifacts/aggregate/detections.parquet")
_SHOWN_FILES = 10

_Parquet = Annotated[Path, typer.Option(help="Canonical Parquet of 'infer aggregate'.")]


class FormatName(StrEnum):
    """Formats of ``report export``."""

    raven = "raven"
    audacity = "audacity"
    kaleidoscope = "kaleidoscope"
    birdnet = "birdnet"
    wildtrax = "wildtrax"


def export(
    form: Annotated[FormatName, typer.Option("--format", help="Whose program will read it.")],
    output_dir: Annotated[Path, typer.Option(help="Folder for the files.")],
    parquet: _Parquet = _DEFAULT,
    species: Annotated[
        list[str] | None,
        typer.Option(help="Only these labels, codes or names: A,B,C, or a file with one a line."),
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(help="Only detections at least this sure.")
    ] = None,
    audio_dir: Annotated[
        Path | None, typer.Option(help="Folder of the recordings, so that files can be named.")
    ] = None,
) -> None:
    """Write detections for Raven, Audacity, Kaleidoscope, BirdNET's readers or WildTrax."""
    from badc.report.exports import Choice, read_species
    from badc.report.exports import export as write
    from badc.report.source import open_source

    choice = Choice(read_species(species or []), min_confidence)
    with open_source(parquet) as source:
        done = write(source, form.value, output_dir, choice, audio_dir)
    for name in done.unmatched:
        warn(f"Warning: no detection of {name!r}.")
    if done.unplaced:
        warn(
            f"Warning: {done.unplaced} detections left out: where they begin in their recording is"
            " unknown."
        )
    if done.nameless:
        warn(
            f"Note: the audio file of {done.nameless} recordings is not known, so their id stands"
            " for it; --audio-dir finds it."
        )
    if form is FormatName.wildtrax and done.placeless:
        warn(
            f"Warning: {done.placeless} tags lack location or recordingDate, which WildTrax asks"
            " for; 'badc infer aggregate --places' reads them from paths and names."
        )
    for path in done.written[:_SHOWN_FILES]:
        say(f"Wrote {path}")
    if len(done.written) > _SHOWN_FILES:
        say(f"... and {len(done.written) - _SHOWN_FILES} more files.")
    say(f"{done.calls} detections for {form.value} in {len(done.written)} file(s)")


def merge(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Folder of *_detections.parquet.")
    ] = _DEFAULT.parent,
    output_dir: Annotated[Path, typer.Option(help="Folder for the merged tables.")] = Path(
        "artifacts/merged"
    ),
) -> None:
    """Write one table of everything, and one for each study area, as Parquet and CSV."""
    from badc.report.merge import count_doubles, find_tables, write_merged
    from badc.report.source import open_source

    tables = find_tables(directory)
    with open_source(*tables) as source:
        doubles = count_doubles(source)
        written = write_merged(source, output_dir)
        detections = source.value("SELECT count(*) FROM detection")
        has_effort = source.has_effort
        warn_of_mixture(source)
    warn_of_doubles(doubles)
    if not has_effort:
        warn("Note: not every table has its *_effort.csv beside it, so no effort is written.")
    for path in written:
        say(f"Wrote {path}")
    say(f"{detections} detections of {len(tables)} tables")


def html(
    parquet: _Parquet = _DEFAULT,
    output: Annotated[Path, typer.Option(help="The page: one file, nothing beside it.")] = Path(
        "artifacts/aggregate/report.html"
    ),
    chunks_dir: Annotated[
        list[Path] | None,
        typer.Option(
            "--chunks-dir",
            "--audio-root",
            help="Folder of the chunk files, where they are not where the table says.",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the page.")] = None,
    clips: Annotated[
        int, typer.Option(min=0, max=10, help="Clips of each species; 0 for a page without.")
    ] = 3,
) -> None:
    """Write one page of pictures and sounds, to be looked at in any browser."""
    from badc.report.page import Wish

    page = make_page([parquet], output, Wish(tuple(chunks_dir or ()), title, clips))
    if page.caution:
        warn(f"Warning: {page.caution}")


def make_page(tables: Sequence[Path], output: Path, wish: "Wish") -> "Page":
    """Write the page of some tables, say so, and return what was written."""
    from badc.report.page import write_page
    from badc.report.source import open_source

    with open_source(*tables) as source:
        page = write_page(source, output, wish)
    if not page.detections:
        warn("Note: the table holds no detections.")
    if page.clips_missing:
        warn(
            f"Note: {page.clips_missing} of the clips are left out because their chunk files"
            " cannot be found or read; --chunks-dir says where they are."
        )
    say(f"Wrote {output} ({page.size_bytes / 1e6:.1f} MB)")
    return page


def warn_of_doubles(doubles: int) -> None:
    """Say that detections stand in several files."""
    if doubles:
        warn(f"Warning: {doubles} detections stand in more than one of the files and count twice.")


def warn_of_mixture(source: "Source") -> None:
    """Say that a table holds results of several detectors, or of the stub alone."""
    from badc.report.mixture import caution

    if words := caution(source):
        warn(f"Warning: {words}")
