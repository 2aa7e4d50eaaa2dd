"""A whole dataset: which recordings are to be heard, where, with what, and for how long."""

from badc.orchestration.command_line import orchestrate_command
from badc.orchestration.cut_request import CutRequest
from badc.orchestration.dataset_report import DatasetReport
from badc.orchestration.forecast import Forecast, forecast
from badc.orchestration.plan_files import write_plan_csv, write_plan_json
from badc.orchestration.recording_plan import RecordingPlan
from badc.orchestration.scan import (
    DatasetPlan,
    IncompleteChunksError,
    PlannedRecording,
    plan_complete,
    plan_dataset,
)
from badc.orchestration.table_settings import TableSettings
from badc.requests import OrchestrateRequest

__all__ = [
    "CutRequest",
    "DatasetPlan",
    "DatasetReport",
    "Forecast",
    "IncompleteChunksError",
    "OrchestrateRequest",
    "PlannedRecording",
    "RecordingPlan",
    "TableSettings",
    "forecast",
    "orchestrate_command",
    "plan_complete",
    "plan_dataset",
    "write_plan_csv",
    "write_plan_json",
]
