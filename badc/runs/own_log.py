"""A default log belongs to one run, however many begin in the same second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from badc.errors import BadcError
from badc.requests import InferRequest
from badc.runs.paths import claim_log, summary_path
from badc.runs.plan import InferPlan


@contextmanager
def own_log(request: InferRequest, plan: InferPlan) -> Iterator[InferPlan]:
    """Yield ``plan`` with a log that is no other run's; leave nothing of it unless the run begins.

    A log that the request names is left to whoever opens it.

    Raises:
        BadcError: no log can be made.
    """
    if request.telemetry_log is not None:
        yield plan
        return
    folder = plan.telemetry_log.parent
    new_folders = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    try:
        log = claim_log(folder, plan.manifest.stem)
    except OSError as error:
        raise BadcError(
            f"{folder}: no log can be written there ({error.strerror}).",
            "Choose another place with --telemetry-log.",
        ) from error
    plan = replace(plan, telemetry_log=log, summary=summary_path(log))
    try:
        yield plan
    finally:
        if not plan.summary.exists():  # a run that begins writes that first
            _remove_if_empty(log, new_folders)


def _remove_if_empty(log: Path, folders: list[Path]) -> None:
    with suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()
        for folder in folders:
            folder.rmdir()  # not where another run has put something meanwhile
