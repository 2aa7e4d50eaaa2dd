"""Plans as files: what goes in comes out."""

import json
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.orchestration import (
    OrchestrateRequest,
    RecordingPlan,
    plan_dataset,
    write_plan_csv,
    write_plan_json,
)
from badc.orchestration.plan_files import read_recordings

DATASET = Path("/data/a set")


def _no_more(recording: str, manifest: Path) -> RecordingPlan:
    raise AssertionError((recording, manifest))


@pytest.mark.parametrize("write", [write_plan_csv, write_plan_json])
def test_only_a_plan_is_overwritten_by_a_plan(dataset, recording, tmp_path, write):
    manifest = recording("a")
    before = manifest.read_text()
    plans = [each.plan for each in plan_dataset(OrchestrateRequest(dataset=dataset)).recordings]
    with pytest.raises(UsageError, match=r"a\.csv: is no plan of recordings, and would be lost"):
        write(manifest, plans, dataset)
    assert manifest.read_text() == before
    for each in ([], plans, plans[:1]):
        write(tmp_path / "plan", each, dataset)
        assert list(read_recordings(tmp_path / "plan", dataset, _no_more)) == each


def test_a_plan_made_here_can_be_carried_out_where_the_dataset_has_moved(
    dataset, recording, tmp_path
):
    recording("a")
    planned = plan_dataset(OrchestrateRequest(dataset=dataset, runner="stub"))
    write_plan_csv(tmp_path / "plan.csv", [each.plan for each in planned.recordings], dataset)
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
        (
            "p.csv",
            f"recording_id,manifest_path,cpu_workers\na,b,{'9' * 5000}\n",
            "p.csv:2: Exceeds the limit",
        ),
        (
            "p.csv",
            f"recording_id,manifest_path,hawkears_args\na,b,{'[' * 5000}\n",
            "p.csv:2: maximum recursion",
        ),
        (
            "p.json",
            '[{"recording_id": "a", "manifest_path": "m", "x": ["\\ud800"]}]',
            "row 1: 'x' holds what no file name or argument can",
        ),
        (
            "p.json",
            '[{"recording_id": "a", "manifest_path": "a\\u0000b"}]',
            "row 1: 'manifest_path' holds what no file name or argument can",
        ),
        ("p.json", "{}", "is no list of recordings"),
        ("p.json", "[", "is not JSON"),
        ("p.json", '[{"recording_id": "a"}]', "row 1: lacks manifest_path"),
    ],
)
def test_what_is_no_plan_is_refused_by_line(tmp_path, name, text, why):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=why.replace(".", r"\.")):
        list(read_recordings(tmp_path / name, DATASET, _no_more))


def test_an_empty_text_is_none_in_both_forms(tmp_path):
    row = {"recording_id": "a", "manifest_path": "m", "chunk_status": "", "runner": "stub"}
    row |= {"recording_output_dir": "o/a", "output_dir": "o", "telemetry_log": "t"}
    (tmp_path / "p.json").write_text(json.dumps([row]))
    (tmp_path / "p.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    by_json, by_csv = (
        list(read_recordings(tmp_path / name, DATASET, _no_more)) for name in ("p.json", "p.csv")
    )
    assert by_json == by_csv
    assert by_json[0].chunk_status is None


def test_settings_of_a_wrong_kind_are_refused_by_name(tmp_path):
    row = {"recording_id": "a", "manifest_path": "m", "output_dir": "o", "cpu_workers": "x"}
    row |= {"recording_output_dir": "o/a", "telemetry_log": "t"}
    (tmp_path / "p.json").write_text(json.dumps([row]))
    with pytest.raises(UsageError, match="row 1: cpu_workers: "):
        list(read_recordings(tmp_path / "p.json", DATASET, _no_more))


def test_a_row_becomes_the_request_that_carries_it_out():
    plan = RecordingPlan(
        recording_id="a",
        manifest_path=Path("/m"),
        output_dir=Path("/o"),
        recording_output_dir=Path("/o/a"),
        telemetry_log=Path("/t"),
        runner="command",
        runner_cmd="x y",
    )
    request = plan.request(Path("/s"))
    assert (request.runner, request.runner_cmd) == ("command", "x y")
    assert (request.output_dir, request.resume_summary) == (Path("/o/a"), Path("/s"))
