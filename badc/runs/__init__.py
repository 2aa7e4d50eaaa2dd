"""One run, decided before it starts: what is asked for, what follows from it, and its command."""

from badc.runs.assignment import Assignment
from badc.runs.command_line import datalad_run_line, infer_command, recorded_run
from badc.runs.listening import ChunkOutcome, ListeningSlot
from badc.runs.plan import InferPlan, check_request, decide, slot_wishes
from badc.runs.preset import read_preset
from badc.runs.records import RunRecords, open_records
from badc.runs.request import InferRequest
from badc.runs.runner_name import agreed_runner
from badc.runs.slot_health import SlotHealth

__all__ = [
    "Assignment",
    "ChunkOutcome",
    "InferPlan",
    "InferRequest",
    "ListeningSlot",
    "RunRecords",
    "SlotHealth",
    "agreed_runner",
    "check_request",
    "datalad_run_line",
    "decide",
    "infer_command",
    "open_records",
    "read_preset",
    "recorded_run",
    "slot_wishes",
]
