"""The tables' way to the disk: all of them drafted first, then all put in place.

Whatever fails, the previous files stand as they were.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from badc.aggregate.effort import EFFORT_SELECT
from badc.aggregate.engine import Engine
from badc.aggregate.request import Request
from badc.atomic import aside
from badc.errors import BadcError

_WRITE_CSV = "COPY (FROM read_parquet($rows)) TO $path (FORMAT csv, HEADER true)"
_WRITE_EFFORT = f"COPY ({EFFORT_SELECT}) TO $path (FORMAT csv, HEADER true)"


def write_tables(engine: Engine, rows: Path, request: Request) -> None:
    """Write the canonical CSV, and Parquet and DuckDB database where asked, each with its effort.

    Args:
        engine: with the table ``effort``.
        rows: the sorted rows as Parquet.
        request: says where to.

    Raises:
        BadcError: one of them cannot be written; none of the previous files is changed.
    """
    run = engine.connection.execute
    run("SET preserve_insertion_order = true")  # the rows are sorted; keep them so
    with ExitStack() as drafts:
        run(_WRITE_CSV, {"rows": str(rows), "path": str(drafts.enter_context(_draft(request.csv)))})
        if request.parquet is not None:
            shutil.copyfile(rows, drafts.enter_context(_draft(request.parquet)))
        if request.database is not None:
            made = _make_database(engine, rows)
            shutil.copyfile(made, drafts.enter_context(_draft(request.database)))
        for path in request.efforts:
            run(_WRITE_EFFORT, {"path": str(drafts.enter_context(_draft(path)))})


def _make_database(engine: Engine, rows: Path) -> Path:
    """Make a database with tables ``detections`` and ``effort`` in the scratch folder.

    Not in its own place: DuckDB takes a question mark in a database's path for the end of it.
    """
    path = engine.scratch / "tables.duckdb"
    effort = engine.scratch / "effort.parquet"
    engine.connection.execute(
        f"COPY ({EFFORT_SELECT}) TO $path (FORMAT parquet)", {"path": str(effort)}
    )
    with duckdb.connect(path) as connection:
        for name, source in (("detections", rows), ("effort", effort)):
            connection.execute(
                f"CREATE TABLE {name} AS FROM read_parquet($source)", {"source": str(source)}
            )
    return path


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Yield a name to write to beside ``path``; when the block ends well, it becomes ``path``."""
    draft = aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise IsADirectoryError(errno.EISDIR, "no regular file stands there")
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
        with suppress(OSError):  # it was renamed, or its folder could not even be made
            draft.unlink()
