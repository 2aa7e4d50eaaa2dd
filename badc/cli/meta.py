"""``badc meta``: where and when recordings were made."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli.console import cell, say, show, warn
from badc.meta.check import Reading

_SHOWN_ROWS = 40
_SHOWN_LOCATIONS = 5

app = typer.Typer(rich_markup_mode=None)


@app.command()
def check(
    audio_dir: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of recordings.")],
    places: Annotated[
        str | None,
        typer.Option(
            help="How paths tell study area and location: aru-data, aru-type, station, or a TOML"
            " file."
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(help="The recorders' time zone, such as America/Yellowknife or -07:00."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Also write every row as CSV.")] = None,
) -> None:
    """Show what 'infer aggregate' would read from the paths and names of recordings.

    Recordings whose place or start cannot be read come first, and make the command exit 1.
    """
    from badc.meta.check import read_folder, write_readings
    from badc.meta.rules import load_rules

    rules = load_rules(places, timezone)
    readings = read_folder(audio_dir, rules)
    if not readings:
        warn(f"Warning: no recordings found in {audio_dir}.")
        return
    _show(readings)
    if output is not None:
        write_readings(output, readings)
        say(f"Wrote {output}")
    unread = sum(reading.fault is not None for reading in readings)
    say(f"{len(readings) - unread} of {len(readings)} recordings can be read.")
    if not rules.patterns:
        _show_presets(readings)
    if unread:
        raise typer.Exit(1)


def _show_presets(readings: list[Reading]) -> None:
    """Say what each preset would take for locations; whether that is right, a human sees."""
    from badc.meta.rules import PRESETS, load_rules

    for preset in PRESETS:
        rules = load_rules(preset)
        found = [rules.place(reading.folders).location for reading in readings]
        names = sorted({location for location in found if location is not None})
        shown = ", ".join(names[:_SHOWN_LOCATIONS]) + (", …" * (len(names) > _SHOWN_LOCATIONS))
        fits = sum(location is not None for location in found)
        say(f"--places {preset}: a location for {fits} of them" + (f" ({shown})" if shown else ""))


def _show(readings: list[Reading]) -> None:
    from rich.table import Table

    table = Table(title="Where and when")
    table.add_column("Recording", overflow="fold")
    for name in ("Study area", "Location", "Start", "Not read"):
        table.add_column(name)
    for reading in readings[:_SHOWN_ROWS]:
        texts = (
            reading.file,
            reading.place.study_area,
            reading.place.location,
            reading.start,
            reading.fault,
        )
        table.add_row(*(cell(text or "") for text in texts))
    show(table)
    if len(readings) > _SHOWN_ROWS:
        say(f"... and {len(readings) - _SHOWN_ROWS} more (--output writes them all).")
