"""A TOML file that people write: parsed, with the place of each key for complaints."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from badc.errors import UsageError

_LARGEST_BYTES = 1 << 20
_MOST_BITS = 10_000  # Python reads hexadecimal numbers of any length, but cannot print them all
_HEADER = re.compile(r"\s*\[\[?\s*([^\]]*?)\s*\]")
_STATED_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class TomlFile:
    """A TOML file, parsed. Subclasses say what it is for.

    Attributes:
        path: as the user named it.
        tables: what it holds.
        text: as it stands on the disk.
    """

    path: Path
    tables: dict[str, Any]
    text: str

    kind: ClassVar[str] = "TOML file"
    start: ClassVar[str] = "Name a TOML file."
    example: ClassVar[str] = 'TOML has lines such as name = "text".'

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the TOML file at ``path``.

        Raises:
            UsageError: it is missing, cannot be read, or is no TOML.
        """
        text = cls._text_of(path)
        try:
            return cls(path, _parsed(text), text)
        except (ValueError, RecursionError) as error:  # ValueError: also a number without end
            stated = _STATED_LINE.search(str(error))
            reason = _STATED_LINE.sub("", str(error))
            line = int(stated[1]) if stated and stated[1] else text.count("\n") + bool(stated)
            where = f"{path}:{max(line, 1)}" if stated else str(path)
            raise UsageError(
                f"{where}: is not readable as TOML ({reason[:200]}).", cls.example
            ) from None

    def fault(self, complaint: str, hint: str, table: str, key: str | None = None) -> UsageError:
        """Return the error that complains of a key, or of a whole table, with its line.

        ``table`` is empty for what stands in none.
        """
        line = self._line(table, key)
        where = str(self.path) if line is None else f"{self.path}:{line}"
        return UsageError(f"{where}: {complaint}", hint)

    def _line(self, table: str, key: str | None) -> int | None:
        """Return where ``key`` is set, or ``table`` begins; None where that is not plain to see."""
        current = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := _HEADER.match(line):
                current = _bare(header[1])
                if key is None and current == table:
                    return number
                continue
            name = _bare(line.partition("=")[0])
            if "=" in line and (
                (current == table and name == key)
                or (not current and name == f"{table}.{key}")
                or (not current and name.partition(".")[0] == table and key is None)
            ):
                return number
        return None

    def place(self, table: str, key: str, value: str, start: Path | None = None) -> Path:
        """Return the path that ``key`` gives; a leading ``~`` means a home folder, as in a shell.

        Args:
            table: where ``key`` stands.
            key: where ``value`` stands.
            value: the path as it is written.
            start: the folder that a relative path starts from; None leaves it relative.

        Raises:
            UsageError: there is no such home folder.
        """
        try:
            path = Path(value).expanduser()
        except RuntimeError:
            raise self.fault(
                f"{key} begins with ~, but there is no such home folder.",
                "Write the path in full, or ./~ for a folder of that name.",
                table,
                key,
            ) from None
        return path if start is None else Path(os.path.abspath(start / path))

    @classmethod
    def _text_of(cls, path: Path) -> str:
        try:
            with path.open("rb") as stream:
                content = stream.read(_LARGEST_BYTES + 1)
        except FileNotFoundError:
            raise UsageError(f"{path}: no such {cls.kind}.", cls.start) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UsageError(f"{path}: cannot be read ({reason}).", cls.start) from None
        if len(content) > _LARGEST_BYTES:
            raise UsageError(
                f"{path}: is larger than 1 MiB and no {cls.kind}.", "Name a TOML file."
            )
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UsageError(f"{path}:{line}: is not UTF-8 text.", "Save it as UTF-8.") from None


def _parsed(text: str) -> dict[str, Any]:
    tables = tomllib.loads(text)
    if _holds_endless_number(tables):
        raise ValueError(f"a whole number has more than {_MOST_BITS:,} bits")
    return tables


def _holds_endless_number(value: object) -> bool:
    """Say whether a number in it could not even stand in a complaint."""
    if isinstance(value, dict):
        return any(map(_holds_endless_number, value.values()))
    if isinstance(value, list):
        return any(map(_holds_endless_number, value))
    return isinstance(value, int) and value.bit_length() > _MOST_BITS


def _bare(name: str) -> str:
    """Return a key or table name without quotes and the space around its dots."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
