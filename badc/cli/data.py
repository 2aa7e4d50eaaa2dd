"""``badc data``: the DataLad datasets that a user works with."""

import json
import shlex
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli.console import say, warn
from badc.cli.tables import show_rows
from badc.errors import RunFailedError, UsageError
from badc.process import ProcessDoor

if TYPE_CHECKING:
    from badc.datalad.disconnecting import Dropped
    from badc.datalad.registry import Registration

app = typer.Typer(rich_markup_mode=None)
_NAMED = 5

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The dataset's name.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the commands; run and change nothing.")
]


@app.command()
def connect(
    name: _Name,
    path: Annotated[
        Path | None,
        typer.Option(
            help="Folder that NAME goes into.  [default: where it was, else data/datalad]"
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where it comes from.  [default: as before]")
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="git|datalad", help="[default: as before, else datalad]")
    ] = None,
    pull: Annotated[
        bool, typer.Option("--pull/--no-pull", help="Bring a clone that stands up to date.")
    ] = True,
    dry_run: _DryRun = False,
) -> None:
    """Clone a dataset, or bring the clone that stands up to date, and register it.

    A folder that is something else is left alone, and so are changes of your own. Name and password
    in an address are used, but neither shown nor kept.
    """
    from badc.datalad.connecting import ConnectRequest, plan_connection
    from badc.datalad.registry import read_registry, record, registry_path

    registry = registry_path()
    with closing(ProcessDoor()) as door:
        connection = plan_connection(
            ConnectRequest(name, path, url, method, pull), read_registry(registry), door
        )
        if dry_run:
            _say_commands(connection.command)
            return
        registration = connection.carry_out(door)
    record(registry, name, registration)
    done = "cloned" if connection.is_new else "updated" if connection.command else "left as it is"
    say(f"Connected {name}: {connection.place} ({done}, {connection.method})")
    say(f"Registry: {registry}")


@app.command()
def disconnect(
    name: _Name,
    drop_content: Annotated[
        bool,
        typer.Option(
            "--drop-content/--keep-content",
            help="Drop annexed content of which git-annex is sure that copies are elsewhere.",
        ),
    ] = False,
    path: Annotated[
        Path | None,
        typer.Option(help="Folder that holds NAME.  [default: the registered one]"),
    ] = None,
    dry_run: _DryRun = False,
) -> None:
    """Mark a dataset as disconnected; with --drop-content, free the room that its files take.

    Its folder stays. Content that is nowhere else stays too, and changes that are not saved.
    """
    from badc.datalad.disconnecting import plan_disconnection
    from badc.datalad.registry import read_registry, record, registry_path

    registry = registry_path()
    with closing(ProcessDoor()) as door:
        disconnection = plan_disconnection(
            name, path, read_registry(registry), door, drop_content=drop_content
        )
        if dry_run:
            _say_commands(disconnection.command)
            return
        dropped = disconnection.drop(door)
    record(registry, name, disconnection.registration)
    place = disconnection.registration.path
    say(f"Disconnected {name}: {place} {'stays' if disconnection.is_there else 'is not there'}")
    if drop_content:
        _report(dropped, place)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show the registered datasets: where they are, whether all is saved, what content is here."""
    from badc.datalad.registry import read_registry, registry_path

    registry = registry_path()
    known = read_registry(registry)
    with closing(ProcessDoor()) as door:
        found = [_look(name, each, door) for name, each in known.items()]
    if as_json:
        say(json.dumps(found, indent=1, ensure_ascii=False))
        return
    if not found:
        say(f"No datasets yet in {registry}; 'badc data connect NAME --url …' adds one.")
        return
    columns = ("Name", "Status", "There", "Method", "Changes", "Content", "Connected", "Path")
    show_rows(f"Datasets in {registry}", columns, [_cells(each) for each in found])
    for each in found:
        if each["error"]:
            warn(f"Warning: {each['name']}: {each['error']}")


def _look(name: str, registration: "Registration", door: ProcessDoor) -> dict[str, Any]:
    """Return what is known of a dataset; one that git cannot look at hides no other."""
    from badc.datalad.address import Address
    from badc.datalad.clone import content_of, is_clone, unsaved

    place, url = registration.path, registration.url
    found: dict[str, Any] = {
        "name": name,
        "path": str(place),
        "url": None,
        "status": registration.status,
        "method": registration.method,
        "there": is_clone(place, door),
        "clean": None,
        "annexed_files": None,
        "annexed_files_here": None,
        "last_connected": registration.last_connected,
        "error": None,
    }
    try:
        found["url"] = None if url is None else Address.parse(url, place).plain
        if found["there"]:
            found["clean"] = not unsaved(place, door)
            if content := content_of(place, door):
                found |= {"annexed_files": content.total, "annexed_files_here": content.here}
    except UsageError as error:
        found["error"] = str(error)
    return found


def _cells(found: Mapping[str, Any]) -> tuple[str, ...]:
    total = found["annexed_files"]
    return (
        found["name"],
        found["status"],
        "yes" if found["there"] else "no",
        found["method"],
        {True: "clean", False: "not saved", None: "-"}[found["clean"]],
        "-" if total is None else f"{found['annexed_files_here']} of {total} files",
        found["last_connected"] or "-",
        found["path"],
    )


def _say_commands(command: tuple[str, ...]) -> None:
    if command:
        say(shlex.join(command))
    else:
        warn("Note: there is no command to run; only the registry would change.")


def _report(dropped: "Dropped", place: Path) -> None:
    """Say what is gone and what stayed.

    Raises:
        RunFailedError: content stayed.
    """
    say(f"Dropped the content of {dropped.gone} files; {dropped.stayed} stayed.")
    if dropped.unsaved:
        warn(f"Note: changes that are not saved stayed: {_named(dropped.unsaved)}.")
    if dropped.stayed:
        raise RunFailedError(
            f"{place}: the content of {dropped.stayed} files stayed, because no copy elsewhere is"
            f" sure: {_named(dropped.examples)}.",
            f"git-annex says: {dropped.reason} 'git annex copy --to REMOTE' there makes copies.",
        )


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
