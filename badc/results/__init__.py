"""What is already done: the summary of a run, what a later run may skip, what is wrong with it."""

from badc.results.examination import Examination, Maker, examine
from badc.results.finding import KINDS, MENDED_BY_HEARING, Finding, Kind
from badc.results.finished import intact_result
from badc.results.keeper import SummaryKeeper, workers_path
from badc.results.resume import FinishedChunks, existing_summary, read_finished
from badc.results.summary import Job, RunSummary, read_summary

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
