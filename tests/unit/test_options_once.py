"""Each option is defined once: command line, preset, form and plan have the same ones."""

import csv
import io
from pathlib import Path

import pytest
from typer.main import get_group

from badc.cli import infer, pipeline
from badc.orchestration import RecordingPlan, write_plan_csv
from badc.requests import InferRequest, OrchestrateRequest, RunOptions, options_of
from badc.runs.preset import KEYS
from flows.infer import infer as infer_flow
from flows.orchestrate import orchestrate as orchestrate_flow

COMMANDS = {
    **get_group(infer.app).commands,
    "pipeline run": get_group(pipeline.app).commands["run"],
}
AGREED = {"runner", "use_hawkears"}  # with --runner-cmd: no one of them has a default of its own
COLUMNS_OF_BEFORE = [
    "recording_id", "manifest_path", "output_dir", "recording_output_dir", "telemetry_log",
    "use_hawkears", "hawkears_args", "max_gpus", "cpu_workers", "chunk_status",
    "chunk_status_path", "runner", "runner_cmd", "min_confidence", "max_retries", "timeout_s",
    "keep_going", "chunks_per_gpu", "gpu_only", "scheduler_address", "cluster_profile",
    "chunks_per_task", "rerun", "replace",
]  # fmt: skip


def on_the_command_line(command: str) -> dict[str, object]:
    """Return option, or argument -> default, as a command's own parser has them."""
    return {each.name: each.default for each in COMMANDS[command].params}


def in_the_form(flow, model) -> dict[str, dict[str, object]]:
    return flow.parameters.model_dump()["definitions"][model.__name__]["properties"]


@pytest.mark.parametrize("command", ["run", "run-config"])
def test_infer_run_has_an_option_for_each_field_and_no_other(command):
    options = options_of(InferRequest)
    typed = on_the_command_line(command)
    assert typed.keys() - {"use_hawkears", "print_datalad_run", "file"} == {
        each.key for each in options.values() if command == "run" or not each.cli.positional
    }
    for each in options.values():
        if each.key in typed.keys() - AGREED and each.default is not ...:
            assert (typed[each.key] or None) == (each.default or None)


@pytest.mark.parametrize("command", ["orchestrate", "pipeline run"])
def test_a_dataset_has_every_option_of_a_run(command):
    typed = on_the_command_line(command)
    for name in RunOptions.model_fields.keys() - {"rerun"}:
        each = options_of(OrchestrateRequest)[name]
        assert (each.word, each.kind, each.help) == (
            options_of(InferRequest)[name].word,
            options_of(InferRequest)[name].kind,
            options_of(InferRequest)[name].help,
        )
        if name not in AGREED:
            assert (typed[each.key] or None) == (each.default or None)


def test_a_preset_has_a_key_for_each_option_of_infer_run():
    keys = {**KEYS["runner"], "hawkears_arg": KEYS["hawkears"]["extra_args"]}
    assert keys == {each.key: each.kind for each in options_of(InferRequest).values()} | {
        "use_hawkears": "switch"
    }


@pytest.mark.parametrize(
    ("flow", "model"), [(infer_flow, InferRequest), (orchestrate_flow, OrchestrateRequest)]
)
def test_prefects_form_has_a_field_for_each_option_in_the_order_of_the_help(flow, model):
    form = in_the_form(flow, model)
    assert list(form) == list(options_of(model))
    for name, option in options_of(model).items():
        assert form[name].get("description", "") == option.help != ""
        shown = form[name].get("default", ...)
        default = option.default
        assert shown == (str(default) if isinstance(default, Path) else _as_json(default))


def _as_json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_a_plan_has_the_columns_it_always_had_and_then_one_for_each_option(tmp_path):
    write_plan_csv(tmp_path / "p.csv", [], tmp_path)
    (columns,) = csv.reader(io.StringIO((tmp_path / "p.csv").read_text()))
    assert columns[: len(COLUMNS_OF_BEFORE)] == COLUMNS_OF_BEFORE
    assert set(columns) == RecordingPlan.model_fields.keys() | {"use_hawkears"}
    assert RunOptions.model_fields.keys() <= set(columns)
