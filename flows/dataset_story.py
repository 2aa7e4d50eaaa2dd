"""What the Prefect UI tells of a whole dataset's run: how far it is, and a report."""

from collections.abc import Iterator, Mapping, Sequence

from badc.orchestration import DatasetPlan, DatasetReport, OrchestrateRequest
from badc.runs.markdown import plain
from flows.artifacts import Page, Publisher, artifact_key


def telling_of_dataset(
    request: OrchestrateRequest,
    plan: DatasetPlan,
    heard: Sequence[str],
    failed: Mapping[str, str],
    cautions: Sequence[str],
) -> Publisher:
    """Return a block that keeps this flow run's artifacts current.

    ``heard``, ``failed`` (recording -> reason) and ``cautions`` (of its tables) grow while it runs.
    """

    def pages(ending: str) -> Iterator[Page]:
        report = DatasetReport(
            request, plan, tuple(heard), dict(failed), ending, " ".join(cautions)
        )
        name, settled_pct = plan.dataset.name, round(report.settled_pct, 1)
        yield Page(artifact_key("dataset-progress", name), "progress", settled_pct, str(report))
        words = plain(f"{report}, {ending}.")
        yield Page(artifact_key("dataset-report", name), "markdown", report.markdown(), words)

    return Publisher(pages)
