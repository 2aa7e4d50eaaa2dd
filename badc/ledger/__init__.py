"""What is already done: the summary of a run, and what a later run may skip."""

from badc.ledger.finished import intact_result
from badc.ledger.keeper import SummaryKeeper, workers_path
from badc.ledger.resume import FinishedChunks, existing_summary, read_finished
from badc.ledger.summary import Job, RunSummary, read_summary

__all__ = [
    "FinishedChunks",
    "Job",
    "RunSummary",
    "SummaryKeeper",
    "existing_summary",
    "intact_result",
    "read_finished",
    "read_summary",
    "workers_path",
]
