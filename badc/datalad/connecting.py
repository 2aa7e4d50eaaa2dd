"""Connecting a dataset: cloning it, or updating the clone that stands; nothing is ever lost."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from badc.datalad.address import Address
from badc.datalad.clone import is_clone, origin_of
from badc.datalad.programs import check_identity, environment, first_missing
from badc.datalad.registry import METHODS, Registration
from badc.errors import BadcError, UsageError
from badc.home import from_home
from badc.manifest.chunk import id_fault
from badc.process import ProcessDoor

DEFAULT_PARENT = Path("data/datalad")


@dataclass(frozen=True)
class ConnectRequest:
    """What a user asks for.

    Attributes:
        name: names the dataset, its folder and its entry in the registry.
        parent: the folder that its folder goes into; None for where it was, else ``data/datalad``.
        url: where it comes from; None for where it came from before.
        method: ``git`` or ``datalad``; None for the one used before, else DataLad where there is.
        pull: whether a clone that stands is brought up to date.
    """

    name: str
    parent: Path | None = None
    url: str | None = None
    method: str | None = None
    pull: bool = True


@dataclass(frozen=True)
class Connection:
    """A connection, decided but not begun.

    Attributes:
        place: the dataset's folder, absolute.
        address: where it comes from, or None for one that was made here.
        method: ``git`` or ``datalad``.
        command: the words that clone or update it; empty where there is nothing to do.
        is_new: whether they clone it.
    """

    place: Path
    address: Address | None
    method: str
    command: tuple[str, ...]
    is_new: bool

    def carry_out(self, door: ProcessDoor) -> Registration:
        """Clone or update, its output going where ours goes; return what is to be registered.

        Raises:
            BadcError: the program failed; a clone that stood is as it was.
        """
        given = environment()
        if self.address is not None:
            given |= self.address.settings(given)
        code = door.run_here(self.command, cwd=Path("/"), env=given) if self.command else 0
        if code:
            raise BadcError(
                f"{self.command[0]} ended with exit status {code}; its reason stands above.",
                "Mend that and connect again."
                if self.is_new
                else f"{self.place} is as it was; merge there by hand, or connect with --no-pull.",
            )
        return Registration(
            path=self.place,
            url=None if self.address is None else self.address.plain,
            method=self.method,
            status="connected",
            last_connected=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def plan_connection(
    request: ConnectRequest, known: Mapping[str, Registration], door: ProcessDoor
) -> Connection:
    """Decide how a dataset is connected. Nothing is written.

    Args:
        request: what is asked for.
        known: the registry.
        door: looks at what stands.

    Raises:
        UsageError: the name cannot be one, its place is taken by something else, it is a clone of
            another address, no address is known, or a program or the git identity is missing.
    """
    if request.method not in (None, *METHODS):
        raise UsageError(f"--method {request.method} is unknown.", "Use git or datalad.")
    before = known.get(request.name)
    place = place_of(request.name, request.parent, before)
    address = None if request.url is None else Address.parse(request.url, Path.cwd())
    if _is_vacant(place):
        return _clone(request, before, place, address, door)
    if not is_clone(place, door):
        raise UsageError(
            f"{place}: stands there already and is no clone of a dataset.",
            "Move it away, or choose another --path.",
        )
    origin = origin_of(place, door)
    if address is not None and not (origin and address.is_same(origin)):
        came = "was made here" if origin is None else f"is a clone of {origin.plain}"
        raise UsageError(
            f"{place}: {came}, not of {address.plain}.",
            "Leave --url out to connect it as it is, or choose another --path or name.",
        )
    method = request.method or (before.method if before else _usual(place))
    _check_programs(method)
    command = _update(place, method) if request.pull and origin is not None else ()
    return Connection(place, address or origin, method, command, is_new=False)


def place_of(name: str, parent: Path | None, before: Registration | None) -> Path:
    """Return the folder of a dataset: in ``parent``, else where it was, else in the usual place.

    Raises:
        UsageError: the name cannot name a folder.
    """
    if (fault := id_fault(name)) is not None:
        raise UsageError(f"NAME {name!r} {fault}.", "Give a plain name, such as bogus.")
    if parent is None and before is not None:
        return before.path
    return Path(os.path.abspath(from_home(parent or DEFAULT_PARENT, "--path") / name))


def _is_vacant(place: Path) -> bool:
    """Say whether a clone can go there: nothing is there, or an empty folder."""
    if not os.path.lexists(place):
        return True
    try:
        return not place.is_symlink() and place.is_dir() and not any(place.iterdir())
    except OSError as error:
        raise UsageError(f"{place}: cannot be looked into ({error.strerror}).") from None


def _clone(
    request: ConnectRequest,
    before: Registration | None,
    place: Path,
    address: Address | None,
    door: ProcessDoor,
) -> Connection:
    if address is None and before is not None and before.url is not None:
        address = Address.parse(before.url, place)
    if address is None:
        raise UsageError(
            f"{request.name}: where it comes from is not known.",
            "Give --url, or the --path of the folder that holds it.",
        )
    standing = next(each for each in place.parents if os.path.lexists(each))
    if not standing.is_dir():
        raise UsageError(f"--path: {standing} is a file, not a folder.", "Choose another place.")
    method = request.method or (before.method if before else _usual(None))
    _check_programs(method)
    words: tuple[str, ...]
    if method == "datalad":
        check_identity(standing, door, "--method git")
        words = ("datalad", "clone", address.plain, str(place))
    else:
        words = ("git", "clone", "--", address.plain, str(place))
    return Connection(place, address, method, words, is_new=True)


def _update(place: Path, method: str) -> tuple[str, ...]:
    """Return what brings a clone up to date without merging or losing anything."""
    if method == "datalad":
        return ("datalad", "update", "-d", str(place), "--how", "ff-only")
    return ("git", "-C", str(place), "pull", "--ff-only")


def _usual(place: Path | None) -> str:
    """Return DataLad where it is installed and, for a clone that stands, at home there."""
    at_home = place is None or (place / ".datalad").is_dir()
    return "datalad" if at_home and not first_missing(["datalad", "git-annex"]) else "git"


def _check_programs(method: str) -> None:
    programs = ["git", "git-annex", "datalad"] if method == "datalad" else ["git"]
    if missing := first_missing(programs):
        raise UsageError(
            f"--method {method}: {missing} was not found.",
            "Install BADC with pip install 'badc[datalad]', or use --method git."
            if method == "datalad"
            else "Install git.",
        )
