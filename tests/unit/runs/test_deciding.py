import hashlib
import json
import shutil

import pytest

from badc.detections import Detection, result_json, write_result
from badc.errors import BadcError, UsageError
from badc.hardware import Gpu, GpuInventory
from badc.manifest import Chunk, ChunkKey
from badc.results import AudioDigests, examine, result_path
from badc.runners.stub import StubRunner
from badc.runs import InferRequest, carry_over, decide
from badc.runs.paths import default_telemetry_log, run_dataset

KEY = ChunkKey("REC", "c0")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "c0.wav").write_bytes(b"audio")
    (tmp_path / "m.csv").write_text("recording_id,chunk_id,source_path\nREC,c0,c0.wav\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan_of(folder, **asked):
    gpus = asked.pop("gpus", ())
    request = InferRequest(**{"manifest": folder / "m.csv", **asked})
    return decide(request, detect=lambda: GpuInventory(gpus, "as told"))


def heard(path, chunk, fingerprint="f", **provenance):
    known = {"runner_fingerprint": fingerprint, "chunk_bytes": 5} | provenance
    write_result(
        path,
        result_json(
            chunk,
            runner="custom",
            detections=(Detection(1, 2, "OVEN"),),
            dataset_root=None,
            model_version=None,
            extra={},
            provenance=known,
        ),
    )


def is_done(path, chunk, fingerprint="f"):
    """By the rule of a run, and by that of verification, which reads the audio."""
    by_run = examine(chunk, path, fingerprint, AudioDigests()).done
    by_verification = examine(chunk, path, fingerprint).done
    assert by_run == by_verification
    return by_run is not None


def test_outside_a_dataset_everything_goes_below_the_working_directory(folder):
    plan = plan_of(folder)
    assert plan.output_dir == folder / "artifacts" / "infer"
    assert plan.telemetry_log.parent == folder / "data" / "telemetry" / "infer"
    assert plan.summary.name == f"{plan.telemetry_log.name}.summary.json"
    assert plan.assignment.dataset_root is None
    assert sorted(path.name for path in folder.iterdir()) == ["c0.wav", "m.csv"]


def test_inside_a_dataset_everything_stays_inside_it(folder, monkeypatch, tmp_path_factory):
    (folder / ".datalad").mkdir()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    plan = plan_of(folder)
    assert plan.output_dir == folder / "artifacts" / "infer"
    assert plan.telemetry_log.parent == folder / "artifacts" / "telemetry"
    assert plan.assignment.dataset_root == folder


def test_chunks_in_one_dataset_decide_for_a_manifest_outside_and_in_two_for_none(tmp_path):
    chunks = []
    for name in ("one", "two"):
        (tmp_path / name / ".datalad").mkdir(parents=True)
        path = tmp_path / name / "sub" / "c.wav"
        chunks.append(Chunk(ChunkKey(name, "c"), "c.wav", path))
    assert run_dataset(tmp_path / "m.csv", chunks[:1]) == tmp_path / "one"
    assert run_dataset(tmp_path / "m.csv", chunks) is None
    assert run_dataset(tmp_path / "two" / "m.csv", chunks) == tmp_path / "two"


def test_an_explicit_output_folder_is_obeyed_also_in_a_dataset(folder):
    (folder / ".datalad").mkdir()
    assert plan_of(folder, output_dir="here/../out").output_dir == folder / "out"


def test_a_folder_named_for_the_recording_takes_the_json_directly(tmp_path):
    assert result_path(tmp_path / "REC", KEY) == tmp_path / "REC" / "c0.json"
    assert result_path(tmp_path / "out", KEY) == tmp_path / "out" / "REC" / "c0.json"


def test_no_two_runs_get_the_same_log_and_the_longest_manifest_name_fits(folder):
    for name in ("m.csv", "é" * 125 + ".csv"):
        first = default_telemetry_log(folder / name, None)
        first.parent.mkdir(parents=True, exist_ok=True)
        first.touch()
        assert default_telemetry_log(folder / name, None) != first


def test_slots_follow_gpus_and_an_address_leaves_none(folder):
    gpus = (Gpu(0, "GPU-a", "A", 1), Gpu(1, "GPU-b", "B", 1))
    labels = [slot.label for slot in plan_of(folder, gpus=gpus, max_gpus=1, cpu_workers=1).slots]
    assert labels == ["gpu-0", "cpu-0"]
    assert [slot.label for slot in plan_of(folder).slots] == ["cpu-0"]
    asked = {"chunks_per_gpu": 2, "gpu_only": True}
    labels = [slot.label for slot in plan_of(folder, gpus=gpus, **asked).slots]
    assert labels == ["gpu-0", "gpu-1", "gpu-0b", "gpu-1b"]
    with pytest.raises(UsageError, match="--gpu-only is about this host's slots"):
        plan_of(folder, gpus=gpus, gpu_only=True, scheduler_address="tcp://127.0.0.1:9")


def test_a_run_begins_only_where_as_much_room_is_left_as_was_asked_for(folder):
    free_gib = shutil.disk_usage(folder).free / 2**30
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError, match=r"out: .* GiB are free .* fewer than --min-free-gib"):
        plan_of(folder, output_dir=folder / "out", min_free_gib=2 * free_gib)
    assert sorted(folder.rglob("*")) == before
    for wanted in (free_gib / 2, 0, None):
        plan = plan_of(folder, output_dir=folder / "out", min_free_gib=wanted)
    heard(result_path(folder / "out", KEY), plan.chunks[0], plan.assignment.fingerprint)
    with pytest.raises(UsageError, match="--min-free-gib"):
        plan_of(folder, output_dir=folder / "out", min_free_gib=2 * free_gib, rerun=True)
    done = plan_of(folder, output_dir=folder / "out", min_free_gib=2 * free_gib)
    assert not done.outstanding  # nothing will be written


@pytest.mark.parametrize("wanted", [-1, float("nan"), float("inf")])
def test_room_that_is_no_amount_is_refused(folder, wanted):
    with pytest.raises(UsageError, match=f"--min-free-gib {wanted:g} is no amount"):
        plan_of(folder, min_free_gib=wanted)


def test_a_fingerprint_changes_with_what_decides_what_is_heard(folder):
    def fingerprint(**asked):
        return plan_of(folder, **asked).assignment.fingerprint

    same = fingerprint(runner="command", runner_cmd="true -x")
    assert same == fingerprint(runner="command", runner_cmd="true   '-x'", cpu_workers=3)
    assert len({same, fingerprint(runner="command", runner_cmd="true -y"), fingerprint()}) == 3


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, True),
        ({"fingerprint": "other"}, False),
        ({"chunk_bytes": 6}, False),
        ({"chunk_bytes": None}, False),
        ({"chunk_bytes": "5"}, False),
    ],
)
def test_a_chunk_is_known_by_runner_and_size(folder, changed, known):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    heard(folder / "c0.json", chunk, **changed)
    assert is_done(folder / "c0.json", chunk) == known


def test_a_chunk_is_known_by_digest_and_name_too(folder):
    ours, theirs = (hashlib.sha256(raw).hexdigest() for raw in (b"audio", b"other"))
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav", sha256=ours)
    other = Chunk(KEY, "c0.wav", folder / "c0.wav", sha256=theirs)
    stranger = Chunk(ChunkKey("X", "c0"), "c0.wav", folder / "c0.wav", sha256=ours)
    place = folder / "c0.json"
    heard(place, chunk)
    assert is_done(place, chunk)
    assert not is_done(place, other)
    assert not is_done(place, stranger)
    raw = place.read_bytes()
    for broken in (b"", raw[:-20], b"\0" * len(raw), b"[]", b"{}"):
        place.write_bytes(broken)
        assert not is_done(place, chunk)
    place.write_bytes(raw)
    (folder / "c0.wav").write_bytes(b"other")  # as long as before
    assert not is_done(place, chunk)
    assert not is_done(place, other)
    (folder / "c0.wav").unlink()
    assert not is_done(place, chunk)


def stub_result(folder, chunk):
    """What a run with the stub leaves, made by hand."""
    output = folder / "artifacts" / "infer" / "REC" / "c0.json"
    heard(output, chunk, StubRunner().fingerprint())
    return output


def test_what_is_done_is_known_with_and_without_a_summary_unless_all_is_to_be_heard_again(folder):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    (folder / "s.summary.json").write_text('{"jobs": {"c0": {"status": "success"}}}')
    asked = {"resume_summary": folder / "s.summary.json"}
    assert plan_of(folder, **asked).done == {}
    stub_result(folder, chunk)
    for more in (asked, {}):
        plan = plan_of(folder, **more)
        assert [each.elsewhere for each in plan.done.values()] == [None]
        assert plan.outstanding == []
        assert plan_of(folder, **more, rerun=True).done == {}


def test_a_summary_finds_results_in_another_folder_where_they_are_of_the_same_runner(folder):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    output = stub_result(folder, chunk)
    jobs = {"REC/c0": {"status": "success", "output": str(output)}}
    (folder / "s.summary.json").write_text(json.dumps({"jobs": jobs}))
    asked = {"resume_summary": folder / "s.summary.json", "output_dir": folder / "new"}
    assert plan_of(folder, **asked).done[KEY].elsewhere == output
    other = {"runner": "command", "runner_cmd": "true"}
    assert plan_of(folder, **asked, **other).done == {}
    for odd in ("\ud800", "/dev", "x" * 5000, 3, None, "nowhere.json"):
        jobs["REC/c0"]["output"] = odd
        (folder / "s.summary.json").write_text(json.dumps({"jobs": jobs}))
        assert plan_of(folder, **asked).done == {}


def test_results_of_another_runner_are_refused_by_name_and_nothing_is_written(folder):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    heard(result_path(folder / "artifacts" / "infer", KEY), chunk, "0" * 16)
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError, match=r"1 result \(REC/c0\) of custom 0{16}.*the stub"):
        plan_of(folder, rerun=True, replace=True)
    true = {"runner": "command", "runner_cmd": "true"}
    with pytest.raises(UsageError, match=r"1 result \(REC/c0\) of custom 0{16}, not of true"):
        plan_of(folder, **true)
    assert sorted(folder.rglob("*")) == before
    for asked in ({"replace": True}, {"rerun": True}, {"output_dir": folder / "other"}):
        assert [each.key for each in plan_of(folder, **true, **asked).outstanding] == [KEY]


def test_a_summary_sets_aside_only_what_it_tells_of_itself(folder):
    place = result_path(folder / "out", KEY)
    heard(place, Chunk(KEY, "c0.wav", folder / "c0.wav"), "../" * 9 + "gone")
    asked = {"runner": "command", "runner_cmd": "true", "output_dir": folder / "out"}
    for told, is_refused in ((folder / "elsewhere" / "c0.json", True), (place, False)):
        jobs = {"REC/c0": {"status": "success", "output": str(told)}}
        (folder / "s.summary.json").write_text(json.dumps({"jobs": jobs}))
        again = {**asked, "resume_summary": folder / "s.summary.json"}
        if is_refused:
            with pytest.raises(UsageError, match="holds 1 result"):
                plan_of(folder, **again)
    plan = plan_of(folder, **again)
    (line,) = carry_over(plan)
    assert "set aside in" in line
    (kept,) = plan.telemetry_log.parent.glob("*.set-aside/*/REC/c0.json")
    assert kept.parent.parent.name.endswith("gone")
    assert not place.exists()


def test_a_recording_whose_namesake_is_out_of_reach_does_not_take_its_place(folder):
    """Two cards with files of the same names; the one that was heard first has been taken out."""
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    output = folder / "artifacts" / "infer" / "REC" / "c0.json"
    runner = plan_of(folder, runner="command", runner_cmd="true").assignment.fingerprint
    theirs = {"audio_sha256": hashlib.sha256(b"other").hexdigest()}
    true = {"runner": "command", "runner_cmd": "true"}
    heard(output, chunk, runner, **theirs, audio_path="../../../../card-a/c0.wav")
    with pytest.raises(UsageError, match=r"other recordings of the same name.*/card-a/c0\.wav"):
        plan_of(folder, **true)
    assert plan_of(folder, **true, replace=True).outstanding
    heard(output, chunk, runner, **theirs, audio_path="../../../c0.wav")  # cut again, in its place
    (line,) = carry_over(plan_of(folder, **true))
    assert line.startswith("Audio has changed since it was heard")


def test_what_another_run_wrote_meanwhile_is_not_replaced(folder):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    true = {"runner": "command", "runner_cmd": "true"}
    plan = plan_of(folder, **true)
    plan.assignment.refuse_to_replace(chunk)
    output = stub_result(folder, chunk)
    heard(output, chunk, plan.assignment.fingerprint)
    plan.assignment.refuse_to_replace(chunk)
    heard(output, chunk, "0" * 16)
    asked_to = plan_of(folder, **true, replace=True)
    asked_to.assignment.refuse_to_replace(chunk)
    with pytest.raises(BadcError, match=r"written the result of custom 0{16} here meanwhile"):
        plan.assignment.refuse_to_replace(chunk)


def test_results_of_the_stub_give_way(folder):
    chunk = Chunk(KEY, "c0.wav", folder / "c0.wav")
    place = result_path(folder / "artifacts" / "infer", KEY)
    write_result(
        place,
        result_json(
            chunk, runner="stub", detections=(), dataset_root=None, model_version=None, extra={},
            provenance={"runner_fingerprint": StubRunner().fingerprint(), "chunk_bytes": 5},
        ),
    )  # fmt: skip
    plan = plan_of(folder, runner="command", runner_cmd="true")
    assert [each.key for each in plan.outstanding] == [KEY]
    (line,) = carry_over(plan)
    assert line.startswith("Replacing 1 result (REC/c0) of the stub")


def test_the_time_limit_grows_with_the_chunk(folder):
    assignment = plan_of(folder).assignment
    hour = Chunk(KEY, "c0.wav", folder / "c0.wav", 0, 3_600_000)
    assert assignment.limit_s(hour) == 600 + 30 * 3600
    assert assignment.limit_s(Chunk(KEY, "c0.wav", folder / "c0.wav")) > 3600
    assert plan_of(folder, timeout_s=5).assignment.limit_s(hour) == 5


def test_pauses_between_attempts_grow_and_end_with_the_last_retry(folder):
    assignment = plan_of(folder, max_retries=5).assignment
    assert [assignment.backoff_s(attempt) for attempt in range(1, 7)] == [2, 4, 5, 5, 5, None]
    assert assignment.backoffs_s() == [2, 4, 5]
    assert plan_of(folder, max_retries=0).assignment.backoffs_s() == []


def test_looking_whether_a_folder_can_be_written_leaves_no_trace(folder):
    (folder / "out").mkdir()
    plan_of(folder, output_dir=folder / "out", telemetry_log=folder / "out" / "x.jsonl")
    assert list((folder / "out").iterdir()) == []


def test_a_log_of_an_earlier_run_is_taken_and_another_file_is_not(folder):
    (folder / "x.jsonl").write_text('{"torn')
    assert plan_of(folder, telemetry_log=folder / "x.jsonl")
    (folder / "x.jsonl").write_text("notes")
    with pytest.raises(UsageError, match="is no telemetry log"):
        plan_of(folder, telemetry_log=folder / "x.jsonl")
