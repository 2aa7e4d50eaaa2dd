"""Plans as files: what goes in comes out."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.errors import UsageError
from badc.orchestration import OrchestrateRequest, RecordingPlan, plan_dataset, write_plan
from badc.orchestration.plan_files import read_recordings

DATASET = Path("/data/a set")
_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
_name = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="/\\."),
    min_size=1,
    max_size=20,
)
_path = st.lists(_name, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([DATASET.joinpath(*parts), Path("/elsewhere").joinpath(*parts)])
)
PLANS = st.builds(
    RecordingPlan,
    recording_id=_name,
    manifest_path=_path,
    output_dir=_path,
    recording_output_dir=_path,
    telemetry_log=_path,
    runner=st.sampled_from(["stub", "command", "hawkears", "birdnet"]),
    runner_cmd=st.none() | _text,
    hawkears_args=st.lists(_text, max_size=3).map(tuple),
    min_confidence=st.floats(0, 1),
    max_gpus=st.none() | st.integers(0, 9),
    cpu_workers=st.integers(0, 99),
    max_retries=st.integers(0, 9),
    timeout_s=st.none() | st.floats(0.1, 1e6),
    keep_going=st.booleans(),
    chunk_status=st.none() | st.sampled_from(["completed", "failed"]),
    chunk_status_path=st.none() | _path,
)


def _no_more(recording: str, manifest: Path) -> RecordingPlan:
    raise AssertionError((recording, manifest))


@pytest.mark.parametrize("name", ["plan.csv", "plan.json"])
@given(plans=st.lists(PLANS, max_size=4))
@settings(max_examples=60)
def test_a_plan_read_back_is_the_same_plan(tmp_path_factory, name, plans):
    path = tmp_path_factory.mktemp("plan") / name
    write_plan(path, plans, DATASET)
    assert list(read_recordings(path, DATASET, _no_more)) == plans


def test_a_plan_made_here_can_be_carried_out_where_the_dataset_has_moved(
    dataset, recording, tmp_path
):
    recording("a")
    planned = plan_dataset(OrchestrateRequest(dataset=dataset, runner="stub"))
    write_plan(tmp_path / "plan.csv", [each.plan for each in planned.recordings], dataset)
    moved = dataset.rename(tmp_path / "moved")
    again = plan_dataset(OrchestrateRequest(dataset=moved, chunk_plan=tmp_path / "plan.csv"))
    assert again.recordings[0].plan.manifest_path == moved / "manifests" / "a.csv"
    assert again.recordings[0].plan.runner == "stub"


def test_a_plan_of_cuts_gives_recordings_with_the_options_asked_for(dataset, recording, tmp_path):
    recording("a")
    (tmp_path / "cuts.csv").write_text(
        "recording_id,audio_path,manifest_path,chunk_output_dir,chunk_duration,overlap\n"
        "a,audio/a.wav,manifests/a.csv,artifacts/chunks/a,60,0\n"
    )
    request = OrchestrateRequest(
        dataset=dataset, chunk_plan=tmp_path / "cuts.csv", runner="stub", cpu_workers=2
    )
    (found,) = plan_dataset(request).recordings
    assert (found.plan.recording_id, found.plan.cpu_workers) == ("a", 2)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("p.csv", "recording_id\na\n", "p.csv:2: lacks manifest_path"),
        ("p.csv", "recording_id,manifest_path\n../x,m.csv\n", "p.csv:2: recording_id '../x'"),
        ("p.csv", "recording_id,manifest_path\na,b,c\n", "p.csv:2: has too many cells"),
        ("p.csv", "recording_id,manifest_path,cpu_workers\na,b,many\n", "p.csv:2: "),
        ("p.json", "{}", "is no list of recordings"),
        ("p.json", "[", "is not JSON"),
        ("p.json", '[{"recording_id": "a"}]', "row 1: lacks manifest_path"),
    ],
)
def test_what_is_no_plan_is_refused_by_line(tmp_path, name, text, why):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=why.replace(".", r"\.")):
        list(read_recordings(tmp_path / name, DATASET, _no_more))


def test_settings_of_a_wrong_kind_are_refused_by_name(tmp_path):
    row = {"recording_id": "a", "manifest_path": "m", "output_dir": "o", "cpu_workers": "x"}
    row |= {"recording_output_dir": "o/a", "telemetry_log": "t"}
    (tmp_path / "p.json").write_text(json.dumps([row]))
    with pytest.raises(UsageError, match="row 1: cpu_workers: "):
        list(read_recordings(tmp_path / "p.json", DATASET, _no_more))


def test_a_row_becomes_the_request_that_carries_it_out():
    plan = RecordingPlan("a", Path("/m"), Path("/o"), Path("/o/a"), Path("/t"), "command", "x y")
    request = plan.request(Path("/s"))
    assert (request.runner, request.runner_cmd) == ("command", "x y")
    assert (request.output_dir, request.resume_summary) == (Path("/o/a"), Path("/s"))
