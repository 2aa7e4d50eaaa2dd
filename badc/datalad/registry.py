"""Which datasets this user has connected: a TOML file that people may also write by hand."""

import fcntl
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from badc.atomic import write_whole
from badc.errors import BadcError
from badc.home import from_home
from badc.toml_file import TomlFile

PLACE = "BADC_DATA_CONFIG"
METHODS = ("git", "datalad")
_TEXTS = ("path", "url", "method", "status", "last_connected")


@dataclass(frozen=True)
class Registration:
    """One dataset of the registry; its table ``[datasets.NAME]`` has the same keys.

    Attributes:
        path: its folder, absolute.
        url: where it comes from, without credentials; None for one that was made here.
        method: ``git`` or ``datalad``.
        status: ``connected`` or ``disconnected``.
        last_connected: ISO 8601 in UTC, or None.
    """

    path: Path
    url: str | None
    method: str
    status: str
    last_connected: str | None


class RegistryFile(TomlFile):
    """The registry's TOML, parsed."""

    kind: ClassVar[str] = "registry of datasets"
    example: ClassVar[str] = (
        "Mend it, or move it away; BADC does not write over what it cannot read."
    )


def registry_path() -> Path:
    """Return where the registry is: ``BADC_DATA_CONFIG``, else ``~/.config/badc/data.toml``."""
    asked = os.environ.get(PLACE, "").strip() or "~/.config/badc/data.toml"
    return Path(os.path.abspath(from_home(asked, PLACE)))


def read_registry(path: Path) -> dict[str, Registration]:
    """Return the datasets by name; none where there is no registry yet.

    Raises:
        UsageError: it cannot be read, or an entry is not what it must be.
    """
    if not os.path.lexists(path):
        return {}
    file = RegistryFile.read(path)
    datasets = file.tables.get("datasets", {})
    if not isinstance(datasets, dict):
        raise file.fault(
            "datasets is no table.", "Write [datasets.NAME] and its keys below it.", "", "datasets"
        )
    return {name: _registration(file, name, entry) for name, entry in datasets.items()}


def record(path: Path, name: str, registration: Registration) -> None:
    """Set the entry of one dataset; whatever else stands in the registry stays as it is.

    Several writers wait for each other, and a reader sees the old file or the new one.

    Raises:
        UsageError: the registry cannot be read; it is left as it is.
        BadcError: it cannot be written.
    """
    with _locked(path):
        read_registry(path)  # refuses what is broken
        text = RegistryFile.read(path).text if os.path.lexists(path) else ""
        wanted = tomllib.loads(text)
        values = {
            key: str(value) for key in _TEXTS if (value := getattr(registration, key)) is not None
        }
        others = {
            key: value
            for key, value in wanted.setdefault("datasets", {}).get(name, {}).items()
            if key not in _TEXTS
        }
        wanted["datasets"][name] = others | values
        write_whole(Path(os.path.realpath(path)), _edited(path, text, name, values, wanted))


def _edited(
    path: Path, text: str, name: str, values: dict[str, str], wanted: dict[str, Any]
) -> str:
    """Return ``text`` with the entry's values set, comments and order kept.

    Raises:
        BadcError: the text is written in a way that does not allow it; nothing would be gained by
            losing what somebody wrote.
    """
    try:
        document = tomlkit.parse(text)
        if "datasets" not in document:
            document["datasets"] = tomlkit.table(is_super_table=True)
        datasets: Any = document["datasets"]
        if name not in datasets:
            inline = isinstance(datasets, InlineTable)
            datasets[name] = tomlkit.inline_table() if inline else tomlkit.table()
        for key in _TEXTS:
            if key in values:
                datasets[name][key] = values[key]
            elif key in datasets[name]:
                del datasets[name][key]
        edited = tomlkit.dumps(document)
        if tomllib.loads(edited) == wanted:
            return edited
    except (TOMLKitError, ValueError):
        pass
    raise BadcError(
        f"{path}: [datasets.{name}] cannot be set without changing what else stands there.",
        "Write its tables as [datasets.NAME], each once.",
    )


def _registration(file: RegistryFile, name: str, entry: object) -> Registration:
    table = f"datasets.{name}"
    if not isinstance(entry, dict):
        raise file.fault(f"{table} is no table.", f"Write [{table}].", "datasets", name)
    if "path" not in entry:
        raise file.fault(f"[{table}] lacks its path.", 'Add path = "…", its folder.', table)
    for key in _TEXTS:
        value = entry.get(key)
        if isinstance(value, datetime) and key == "last_connected":
            entry[key] = value.isoformat()
        elif value is not None and (not isinstance(value, str) or not value or "\0" in value):
            raise file.fault(f"{key} of [{table}] is no text.", "Write it in quotes.", table, key)
    method = entry.get("method", "git")
    if method not in METHODS:
        raise file.fault(
            f"method of [{table}] is {method!r}.", "Write git or datalad.", table, "method"
        )
    return Registration(
        path=file.place(table, "path", entry["path"], Path.cwd()),
        url=entry.get("url"),
        method=method,
        status=entry.get("status", "connected"),
        last_connected=entry.get("last_connected"),
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold off other writers of the registry at ``path``.

    Raises:
        BadcError: there is no place for its lock.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("ab")
    except OSError as error:
        raise BadcError(
            f"{lock}: cannot be written ({error.strerror}).",
            f"Mend its folder, or name another registry with {PLACE}.",
        ) from None
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
