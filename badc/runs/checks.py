"""Refusing places that a run could not write to, before it writes anything."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from badc.errors import UsageError
from badc.results import workers_path
from badc.runs.paths import default_telemetry_log, summary_path
from badc.telemetry import refuse_if_written

_LONGEST_NAME_BYTES = 255


def check_timeout(timeout_s: float | None) -> None:
    """Make sure that a time limit, where there is one, is one.

    Raises:
        UsageError: it is not.
    """
    if timeout_s is not None and not 0 < timeout_s < float("inf"):
        raise UsageError(f"--timeout {timeout_s:g} is no time.", "Give seconds above 0.")


def check_folder(option: str, folder: Path) -> None:
    """Make sure that ``folder`` is one that files can be put into, or that can be made.

    Nothing is left behind by looking.

    Raises:
        UsageError: it is not; ``option`` says who asked for it.
    """
    standing = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not standing.is_dir():
        raise UsageError(f"{option}: {standing} is a file, not a folder.", "Choose another place.")
    if any(len(os.fsencode(part)) > _LONGEST_NAME_BYTES for part in folder.parts):
        raise UsageError(
            f"{option}: {folder} has a name of more than {_LONGEST_NAME_BYTES} bytes in it.",
            "Choose a shorter one.",
        )
    try:
        with tempfile.TemporaryFile(dir=standing):
            return
    except OSError as error:
        raise UsageError(
            f"{option}: {standing} is not writable ({error.strerror}).",
            f"Choose another place with {option}, or ask its owner.",
        ) from None


def check_output_dir(folder: Path, *, is_complete: bool) -> None:
    """Make sure that ``folder`` can take a run's JSON.

    Where it holds that of every chunk already, nothing is written there: it may be a dataset that
    is mounted read-only.

    Raises:
        UsageError: it cannot.
    """
    if not is_complete:
        check_folder("--output-dir", folder)


def dataset_for_log(dataset: Path | None) -> Path | None:
    """Return the dataset that a run's default log belongs into, or None where that is read-only."""
    with suppress(UsageError):
        if dataset is not None:
            check_folder("--telemetry-log", default_telemetry_log(Path("any"), dataset).parent)
            return dataset
    return None


def check_log(log: Path) -> None:
    """Make sure that a run's ``log`` can be written to, and its summary beside it.

    Raises:
        UsageError: it cannot; see :func:`check_jsonl`.
    """
    option = "--telemetry-log"
    longest = len(os.fsencode(workers_path(summary_path(log)).name))
    if longest > _LONGEST_NAME_BYTES:
        raise UsageError(
            f"{option}: {log} leaves no room for its summary's longer name.",
            f"Shorten it by {longest - _LONGEST_NAME_BYTES} bytes.",
        )
    check_jsonl(option, log)


def check_jsonl(option: str, log: Path) -> None:
    """Make sure that lines of JSON can be added to ``log``, and that it is no other kind of file.

    Raises:
        UsageError: it is a folder, a device, a file of another kind, cannot be made, or another
            run is writing to it.
    """
    if os.path.isdir(log):  # noqa: PTH112 - says no to a name too long, where Path raises
        raise UsageError(f"{option}: {log} is a folder.", "Name a file in it.")
    check_folder(option, log.parent)
    if not os.path.lexists(log):
        return
    if not log.is_file():
        raise UsageError(f"{option}: {log} is not a regular file.", "Name another one.")
    try:
        refuse_if_written(log, option)
        with log.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        raise UsageError(
            f"{option}: {log} cannot be written ({error.strerror}).", "Name another file."
        ) from None
    if first not in (b"", b"{"):
        raise UsageError(
            f"{option}: {log} is no telemetry log, and would be spoilt.", "Name another file."
        )
