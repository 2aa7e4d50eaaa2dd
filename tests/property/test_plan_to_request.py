"""The command line that a plan becomes asks for exactly what the plan asks for."""

import shlex

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.cli import infer, infer_run, orchestrate
from badc.cli.typed import typed_options
from badc.orchestration import orchestrate_command
from badc.runs import InferRequest, infer_command
from tests.property.recording_plans import infer_requests, orchestrate_requests, recording_plans

INFER = typer.main.get_group(infer.app).commands
quick = settings(max_examples=60)


def understood(words: list[str]) -> InferRequest:
    """Return the request that the command's own parser makes of a line; nothing is run."""
    assert words[:3] == ["badc", "infer", "run"]
    return infer_run.requested(INFER["run"].make_context("run", words[3:]).params)


@quick
@given(plan=recording_plans(), summary=st.none() | recording_plans().map(lambda p: p.manifest_path))
def test_a_plan_becomes_a_command_line_that_asks_for_the_same(plan, summary):
    request = plan.request(summary)
    assert understood(infer_command(request)) == request


@quick
@given(request=infer_requests())
def test_any_request_becomes_a_command_line_that_asks_for_the_same(request):
    words = infer_command(request)
    assert understood(words) == request
    assert understood(shlex.split(shlex.join(words))) == request


@quick
@given(request=orchestrate_requests())
def test_a_dataset_becomes_a_command_line_that_asks_for_the_same(request):
    words = orchestrate_command(request)
    assert words[:3] == ["badc", "infer", "orchestrate"]
    context = INFER["orchestrate"].make_context("orchestrate", words[3:])
    assert context.params["apply"]
    assert context.params["resume_completed"] != request.rerun
    understood_so = orchestrate.requested(context.params, typed_options(context))
    assert understood_so == request
    if request.chunk_plan is not None:  # over a saved plan, what is typed counts: defaults too
        typed = request.model_fields_set - {"rerun"}
        # what no option says: that there is none of something, or no switch
        typed -= {name for name in typed if getattr(request, name) in (None, False, ())}
        assert typed <= understood_so.model_fields_set
