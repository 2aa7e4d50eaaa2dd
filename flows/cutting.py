"""Before a dataset is heard: its new recordings into chunks."""

import os
from contextlib import closing
from pathlib import Path

from prefect import get_run_logger

from badc.chunking import cut_many
from badc.errors import BadcError
from badc.orchestration import CutRequest, OrchestrateRequest
from badc.orchestration.chunk_plan import plan_chunks
from flows.cancellation import hold


def cut_new(request: OrchestrateRequest, cut: CutRequest) -> dict[str, str]:
    """Cut the recordings that are new; return those that could not be, each with the reason.

    One that fails stops no other, and is tried again when next asked.

    Raises:
        UsageError: the dataset has no recordings' folder, or what is asked for cannot be.
    """
    wanted = cut.within(request)
    plan = plan_chunks(wanted)
    logger = get_run_logger()
    logger.info(
        "%d new recordings to cut, %d cut before, %d left for the next run: they changed just now",
        len(plan.cuts),
        plan.done,
        plan.unsettled,
    )
    # A dataset's first recordings may all be unsettled or broken: then there is nothing to hear
    Path(os.path.abspath(wanted.dataset), wanted.manifest_dir).mkdir(parents=True, exist_ok=True)
    failed = {fault.subject: fault for fault in plan.faults}
    with closing(cut_many(plan.cuts, cut.workers)) as outcomes:
        for outcome in outcomes:
            hold()
            name = outcome.plan.recording_id
            for warning in outcome.warnings:
                logger.warning("%s", warning)
            if outcome.error is None:
                logger.info("%s: %d chunks", name, outcome.chunks)
            else:
                failed[name] = outcome.error
    return {name: _told(error) for name, error in failed.items()}


def _told(error: BadcError) -> str:
    get_run_logger().warning("%s", error)
    return str(error)
