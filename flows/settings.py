"""Prefect's settings for a run from a terminal. To be settled before Prefect is imported."""

import logging
import os
import tempfile
from pathlib import Path

from badc.private_folder import private_folder

# Each is a default: whatever the environment already says stays.
_QUIET = {
    # The terminal shows BADC's own lines; everything still goes to the API and the UI.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # Nor what Prefect's background threads could not deliver to a server that is gone.
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    # Compute nodes and field laptops have no internet.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

# For the temporary server where none is configured: write task runs in larger
# batches, and keep no event history, which nobody looks at in a server that lives for one run.
# Together they save 15 to 20 ms of CPU per task run (docs/performance.md).
TEMPORARY_SERVER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


def settle_prefect() -> None:
    """Put BADC's defaults into the environment, for this process and what it starts.

    Raises:
        BadcError: there is no home folder to write to, and in the temporary one somebody else
            has put something in the place that Prefect's files would take.
    """
    logging.raiseExceptions = False  # nor that a line could not be logged
    for name, value in {**_QUIET, **TEMPORARY_SERVER}.items():
        os.environ.setdefault(name, value)
    if "PREFECT_HOME" not in os.environ and not _can_be_written("~/.prefect"):
        own = Path(tempfile.gettempdir()) / f"badc-prefect-{os.getuid()}"
        remedy = "Set PREFECT_HOME to a folder of your own."
        os.environ["PREFECT_HOME"] = str(private_folder(own, remedy))


def _can_be_written(name: str) -> bool:
    """Make a folder if need be; False without a home, or where it is read-only (cluster nodes)."""
    try:
        folder = Path(name).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return False
    return os.access(folder, os.W_OK)
