"""One run, decided before it starts: what is asked for, what follows from it, and its command."""

from badc.runs.assignment import Assignment
from badc.runs.command_line import datalad_run_line, infer_command, recorded_run
from badc.runs.listening import ChunkOutcome, ListeningSlot
from badc.runs.naming import history_name, run_title
from badc.runs.plan import InferPlan, check_request, decide
from badc.runs.preset import read_preset
from badc.runs.records import RunRecords, open_records
from badc.runs.request import InferRequest
from badc.runs.run_report import RunReport
from badc.runs.runner_name import agreed_runner

__all__ = [
    "Assignment",
    "ChunkOutcome",
    "InferPlan",
    "InferRequest",
    "ListeningSlot",
    "RunRecords",
    "RunReport",
    "agreed_runner",
    "check_request",
    "datalad_run_line",
    "decide",
    "history_name",
    "infer_command",
    "open_records",
    "read_preset",
    "recorded_run",
    "run_title",
]
