"""A whole dataset: which recordings are to be heard, where, with what, and for how long."""

from badc.orchestration.recording_plan import RecordingPlan

__all__ = ["RecordingPlan"]
