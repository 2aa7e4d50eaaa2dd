"""The ways from an answer to a file: CSV, JSON, or whatever DuckDB writes; whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb

from badc.atomic import aside, write_whole
from badc.errors import BadcError
from badc.report.answers import Table

_LONGEST_NAME_BYTES = 150  # leaves room for what formats add


def write_table(path: Path, table: Table) -> Path:
    """Write a table as CSV with a header; return its path."""
    text = io.StringIO(newline="")
    put = csv_rows(text)
    put(table.columns)
    for row in table.rows:
        put(row)
    write_whole(path, text.getvalue())
    return path


def csv_rows(stream: TextIO) -> Callable[[Sequence[object]], object]:
    """Return a function that writes one row of CSV, its line ended by a line feed alone.

    A carriage return within a field is quoted too, which the standard library leaves out for such
    line ends.
    """
    plain = csv.writer(stream, lineterminator="\n")
    careful = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def put(row: Sequence[object]) -> object:
        has_return = any(isinstance(field, str) and "\r" in field for field in row)
        return (careful if has_return else plain).writerow(row)

    return put


def write_json(path: Path, content: Mapping[str, object]) -> Path:
    """Write a JSON object; return its path."""
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


@contextmanager
def draft_for(path: Path) -> Iterator[Path]:
    """Yield a name to write to beside ``path``; when the block ends well, it becomes ``path``.

    Raises:
        BadcError: it cannot be written; what stood there before is unchanged.
    """
    draft = aside(path)
    try:
        str(path).encode()  # DuckDB takes no other names
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "a folder stands there")
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    except (OSError, duckdb.IOException, UnicodeEncodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BadcError(
            f"{path}: cannot be written ({reason or str(error).splitlines()[0]}).",
            "Check free space and permissions; whatever stood there before is unchanged.",
        ) from error
    finally:
        for left in (draft, draft.with_name(f"{draft.name}.wal")):
            left.unlink(missing_ok=True)


def file_name(text: str, taken: set[str]) -> str:
    """Return ``text`` as a file name without suffix that is not yet ``taken``, and take it.

    Separators and control characters become ``_``; names that only case tells apart are kept
    apart too, for the sake of other systems.
    """
    safe = "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in text)
    safe = safe.encode("utf-8", "replace")[:_LONGEST_NAME_BYTES].decode("utf-8", "ignore")
    safe = safe.lstrip(".").strip() or "_"
    name, number = safe, 1
    while name.casefold() in taken:
        number += 1
        name = f"{safe}-{number}"
    taken.add(name.casefold())
    return name
