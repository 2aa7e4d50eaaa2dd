"""One run, decided before it starts, its command, and whether what it left is in order."""

from badc.requests import ChunksPerTask, InferRequest
from badc.runs.assignment import Assignment
from badc.runs.attempt import ChunkOutcome, already_heard
from badc.runs.batch import BatchFailedError, BatchOutcome, hear_batch
from badc.runs.batch_size import BatchSize
from badc.runs.carry_over import carry_over
from badc.runs.cluster_profile import chosen_cluster, read_cluster_profile
from badc.runs.clusters import Cluster, DaskCluster, SlurmJobs
from badc.runs.command_line import datalad_run_line, infer_command, recorded_run
from badc.runs.listening import ListeningSlot
from badc.runs.naming import history_name, run_title
from badc.runs.own_log import own_log
from badc.runs.plan import InferPlan, check_request, decide, slot_wishes
from badc.runs.preset import read_preset
from badc.runs.records import DecidedRun, RunRecords, open_records
from badc.runs.repair import maker_asked, recognised, repair_request
from badc.runs.run_counts import RunCounts, RunTally
from badc.runs.run_report import RunReport
from badc.runs.runner_name import agreed_runner
from badc.runs.slot_health import SlotHealth
from badc.runs.verification import Verification, verify

__all__ = [
    "Assignment",
    "BatchFailedError",
    "BatchOutcome",
    "BatchSize",
    "ChunkOutcome",
    "ChunksPerTask",
    "Cluster",
    "DaskCluster",
    "DecidedRun",
    "InferPlan",
    "InferRequest",
    "ListeningSlot",
    "RunCounts",
    "RunRecords",
    "RunReport",
    "RunTally",
    "SlotHealth",
    "SlurmJobs",
    "Verification",
    "agreed_runner",
    "already_heard",
    "carry_over",
    "check_request",
    "chosen_cluster",
    "datalad_run_line",
    "decide",
    "hear_batch",
    "history_name",
    "infer_command",
    "maker_asked",
    "open_records",
    "own_log",
    "read_cluster_profile",
    "read_preset",
    "recognised",
    "recorded_run",
    "repair_request",
    "run_title",
    "slot_wishes",
    "verify",
]
