"""Whether tables still say what the results tree says."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

_RECIPE = """
SELECT decode(value) FROM parquet_kv_metadata($path) WHERE decode(key) = 'badc_recipe'
"""


def newest_change_ns(detections_dir: Path) -> int:
    """Return when a file was last added, replaced or removed below ``detections_dir``.

    Only folders are looked at: results appear by renaming, which shows in their folder's time.
    """
    folders = (folder for folder, _, _ in os.walk(detections_dir))
    return max((Path(folder).stat().st_mtime_ns for folder in folders), default=0)


def are_current(tables: Iterable[Path], change_ns: int) -> bool:
    """Say whether every one of ``tables`` is there and holds the change made at ``change_ns``."""
    try:
        return all(table.stat().st_mtime_ns >= change_ns for table in tables)
    except OSError:
        return False


def date_tables(tables: Iterable[Path], change_ns: int) -> None:
    """Give ``tables`` the time of the newest change that they hold.

    What was changed while they were made, and perhaps missed, is then newer than they are.
    """
    for table in tables:
        os.utime(table, ns=(change_ns, change_ns))


def made_by(recipe: str, tables: Iterable[Path]) -> set[Path]:
    """Return those Parquet ``tables`` that were made by a recipe (:func:`recipe_of`)."""
    found = set()
    with duckdb.connect() as connection:
        for table in tables:
            with suppress(duckdb.Error):  # not there, torn, or no Parquet
                if connection.execute(_RECIPE, {"path": str(table)}).fetchall() == [(recipe,)]:
                    found.add(table)
    return found
