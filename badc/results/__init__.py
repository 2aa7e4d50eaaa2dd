"""What is already done: one rule, the key of a result, an earlier run's summary, what is wrong."""

from badc.results.audio import Audio, AudioDigests, digest_memory
from badc.results.examination import (
    Examination,
    Maker,
    examine,
    maker_of,
    read_stored,
    stored_record,
)
from badc.results.finding import KINDS, MENDED_BY_HEARING, Finding, Kind
from badc.results.keeper import SummaryKeeper, workers_path
from badc.results.key import ResultKey, raw_dir, result_path
from badc.results.prior import Done, PriorResults, look_through
from badc.results.resume import FinishedChunks, existing_summary, read_finished
from badc.results.summary import Job, RunSummary, read_summary

__all__ = [
    "KINDS",
    "MENDED_BY_HEARING",
    "Audio",
    "AudioDigests",
    "Done",
    "Examination",
    "Finding",
    "FinishedChunks",
    "Job",
    "Kind",
    "Maker",
    "PriorResults",
    "ResultKey",
    "RunSummary",
    "SummaryKeeper",
    "digest_memory",
    "examine",
    "existing_summary",
    "look_through",
    "maker_of",
    "raw_dir",
    "read_finished",
    "read_stored",
    "read_summary",
    "result_path",
    "stored_record",
    "workers_path",
]
