"""How long may a chunk be? The longest that a device has memory for, estimated or really tried."""

from badc.probing.attempt import Attempt
from badc.probing.estimate import Estimate, estimate
from badc.probing.plan import ProbePlan, ProbeRequest, choose_slot, plan_probe
from badc.probing.probe import Finding, claim_log, probe
from badc.probing.search import Limits, Longest, longest

__all__ = [
    "Attempt",
    "Estimate",
    "Finding",
    "Limits",
    "Longest",
    "ProbePlan",
    "ProbeRequest",
    "choose_slot",
    "claim_log",
    "estimate",
    "longest",
    "plan_probe",
    "probe",
]
