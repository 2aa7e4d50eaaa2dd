"""Files that could not be taken, each with its reason."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from badc.aggregate.engine import Engine
from badc.atomic import write_whole
from badc.errors import BadcError

_REPEATED = """
SELECT n, file, recording_id || '/' || chunk_id, first_value(file) OVER same AS first_file
FROM chunk
WINDOW same AS (
    PARTITION BY recording_id, chunk_id, runner, model_version, runner_fingerprint ORDER BY file, n)
QUALIFY row_number() OVER same > 1
ORDER BY file
"""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that gave no rows.

    Attributes:
        file: its path; bytes that are no text are written as escapes.
        reason: what is wrong with it.
    """

    file: str
    reason: str


def reject_repeats(engine: Engine) -> list[Rejected]:
    """Drop chunks that an earlier file, by path, already gave; return the files dropped.

    The same chunk heard by another runner or model is no repeat. Counting a copied folder twice
    would double every call in it.
    """
    run = engine.connection.execute
    repeats = run(_REPEATED).fetchall()
    if repeats:
        numbers = {"numbers": [n for n, *_ in repeats]}
        for table in ("heard", "chunk"):
            run(f"DELETE FROM {table} WHERE n IN (SELECT unnest($numbers))", numbers)  # noqa: S608
    return [
        Rejected(file, f"repeats chunk {key}, which {first} already gave.")
        for _, file, key, first in repeats
    ]


def write_rejected(path: Path, rejected: Sequence[Rejected]) -> None:
    """Write ``file,reason`` rows at ``path``; with none, take an older list away.

    Raises:
        BadcError: it cannot be written or taken away.
    """
    if not rejected:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BadcError(
                f"{path}: this outdated list cannot be removed ({error.strerror}).",
                "Remove it by hand.",
            ) from error
        return
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "reason"])
    writer.writerows([entry.file, entry.reason] for entry in rejected)
    write_whole(path, text.getvalue())
