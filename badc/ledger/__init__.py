"""What is already done: the summary of a run, what a later run may skip, what is wrong with it."""

from badc.ledger.examination import Examination, Maker, examine
from badc.ledger.finding import KINDS, MENDED_BY_HEARING, Finding, Kind
from badc.ledger.finished import intact_result
from badc.ledger.keeper import SummaryKeeper, workers_path
from badc.ledger.resume import FinishedChunks, existing_summary, read_finished
from badc.ledger.summary import Job, RunSummary, read_summary

__all__ = [
    "KINDS",
    "MENDED_BY_HEARING",
    "Examination",
    "Finding",
    "FinishedChunks",
    "Job",
    "Kind",
    "Maker",
    "RunSummary",
    "SummaryKeeper",
    "examine",
    "existing_summary",
    "intact_result",
    "read_finished",
    "read_summary",
    "workers_path",
]
