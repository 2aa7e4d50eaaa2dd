"""Whatever is typed beside a saved plan counts over it; what is not typed stays as saved."""

from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.orchestration import OrchestrateRequest, plan_dataset, write_plan_json
from badc.requests import options_of

SAVED = {
    "runner": "command",
    "runner_cmd": "true saved",
    "max_gpus": 0,
    "cpu_workers": 2,
    "chunks_per_gpu": 2,
    "chunks_per_task": 7,
    "max_retries": 7,
    "timeout_s": 7.0,
    "keep_going": True,
    "replace": True,
    "rerun": True,
    "scheduler_address": "tcp://saved:1",
    "output_dir": Path("saved/infer"),
    "telemetry_dir": Path("saved/telemetry"),
}
OF_THE_WHOLE = {
    "dataset", "manifest_dir", "pattern", "chunk_plan", "limit", "include_existing",
    "allow_partial_chunks",
}  # fmt: skip
ANOTHER = {  # a value of a kind that is neither saved nor the default
    "path": Path("typed"),
    "text": "true typed",
    "whole number": 3,
    "whole number or auto": "auto",
    "number": 0.5,
}
NAMED = {"output_dir": Path("artifacts/infer"), "max_retries": 2, "scheduler_address": "tcp://a:1"}
TYPED = {
    name: NAMED.get(name, not SAVED.get(name) if each.kind == "switch" else ANOTHER[each.kind])
    for name, each in options_of(OrchestrateRequest).items()
    if name not in OF_THE_WHOLE | {"runner", "hawkears_args"}
}


@pytest.fixture
def planned(dataset, recording):
    """Plans with these fields typed beside the saved plan."""
    recording("a")
    saved = plan_dataset(OrchestrateRequest(dataset=dataset, **SAVED))
    write_plan_json(dataset / "p.json", [each.plan for each in saved.recordings], dataset)

    def plan(**typed: object):
        return plan_dataset(OrchestrateRequest(dataset=dataset, chunk_plan="p.json", **typed))

    return plan


def asked_of(planned) -> dict[str, object]:
    (recording,) = planned.recordings
    return vars(recording.plan)


@pytest.mark.parametrize("name", sorted(TYPED.keys() - {"gpu_only", "cluster_profile"}))
def test_one_field_that_is_typed_changes_that_and_no_other(planned, name):
    named = {"runner": "command"} if name == "runner_cmd" else {}
    before, changed = asked_of(planned()), planned(**{name: TYPED[name]}, **named)
    after = asked_of(changed)
    differing = {field for field in before if before[field] != after[field]}
    expected = {
        "output_dir": {"output_dir", "recording_output_dir"},
        "telemetry_dir": {"telemetry_log"},
        "chunks_dir": {"chunk_status", "chunk_status_path"},
    }.get(name, {name})
    assert differing == expected
    if name in after and not isinstance(TYPED[name], Path):
        assert after[name] == TYPED[name]
    option = {"rerun": "--rerun-all", "timeout_s": "--timeout"}.get(
        name, f"--{name.replace('_', '-')}"
    )
    assert dict(changed.overridden) == {option: 1}
    assert (
        changed.override_note
        == f"Typed options override the saved plan (recordings): {option} (1)."
    )


def test_nothing_typed_changes_nothing_and_says_nothing(planned):
    plan = planned()
    assert not plan.overridden
    assert plan.override_note == ""
    assert plan.output_dir == plan.dataset / "saved" / "infer"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"gpu_only": True}, "--gpu-only and --cpu-workers 2 exclude"),
        ({"cluster_profile": Path("c.toml")}, "c.toml: no such cluster profile"),
        ({"hawkears_args": ("-x",)}, "--hawkears-arg does not go with runner 'command'"),
        ({"pattern": "b*.csv"}, "--pattern does not go with --chunk-plan"),
    ],
)
def test_what_does_not_go_with_what_is_saved_is_refused_by_name(planned, typed, why):
    with pytest.raises(UsageError, match=why):
        planned(**typed)
