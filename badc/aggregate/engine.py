"""One DuckDB, opened with bounds: so much memory, and a private folder for what does not fit."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from badc.errors import BadcError

DEFAULT_MEMORY_MIB = 320  # beside it Python, DuckDB's code and one batch of JSON need about 150
_MOST_THREADS = 4  # each thread holds buffers of its own, and the work is short


@dataclass(frozen=True, slots=True)
class Engine:
    """An open DuckDB and the folder that goes away with it.

    Attributes:
        connection: in-memory database; it spills to ``scratch``.
        scratch: private folder for spilled blocks, clean copies and drafts.
    """

    connection: duckdb.DuckDBPyConnection
    scratch: Path


@contextmanager
def open_engine(memory_mib: int = DEFAULT_MEMORY_MIB) -> Iterator[Engine]:
    """Open a DuckDB that stays within ``memory_mib`` and leaves nothing behind.

    The scratch folder follows ``TMPDIR``.

    Raises:
        BadcError: DuckDB ran out of memory or of room for what it spilled, or the temporary
            folder cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="badc-aggregate-") as folder:
            scratch = Path(folder)
            with duckdb.connect(config=_bounds(memory_mib, scratch)) as connection:
                yield Engine(connection, scratch)
    except RuntimeError as error:
        if "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from error  # what DuckDB makes of a signal's exception
    except duckdb.OutOfMemoryException as error:
        raise BadcError(
            f"The detections do not fit {memory_mib} MiB of memory ({_first_line(error)}).",
            "Give more with --memory-mib, or more room in TMPDIR.",
        ) from error
    except duckdb.OperationalError as error:
        raise BadcError(
            f"Reading or writing failed ({_first_line(error)}).",
            "Check free space and permissions, of TMPDIR too; previous output is unchanged.",
        ) from error


def _bounds(memory_mib: int, scratch: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{memory_mib}MiB",
        "temp_directory": str(scratch / "spilled"),
        "threads": max(1, min(_MOST_THREADS, os.cpu_count() or 1)),
        "preserve_insertion_order": "false",  # order is asked for where it matters
        "enable_external_file_cache": "false",  # each file is read once; the cache costs 0.4 ms
        "autoinstall_known_extensions": "false",  # nothing is fetched from outside
        "autoload_known_extensions": "false",
    }


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
