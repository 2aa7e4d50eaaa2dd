"""The telemetry log that a command is to read: where it is by default, if it can be read."""

from pathlib import Path

from badc.errors import UsageError

DEFAULT_LOG = Path("data/telemetry/infer/log.jsonl")


def require_log(path: Path, *, may_come: bool = False) -> None:
    """Refuse what cannot be read as a log; one that is not there is fine if it ``may_come``.

    Raises:
        UsageError: there is no such log, it is no file, or it must not be read.
    """
    try:
        if path.exists() and not path.is_file():  # opening a pipe might wait for ever
            raise UsageError(f"{path}: is no file.", "Name a telemetry log (*.jsonl).")
        path.open("rb").close()
    except FileNotFoundError:
        if not may_come:
            raise UsageError(
                f"{path}: no such telemetry log.",
                "Name the one that 'badc infer run' printed"
                " ('badc infer monitor --follow' waits for one).",
            ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read ({reason}).") from None
