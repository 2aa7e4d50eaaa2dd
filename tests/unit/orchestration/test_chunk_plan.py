import json
import os
import time
from pathlib import Path

import pytest

from badc.chunking import cut, cut_many
from badc.errors import UsageError
from badc.meta.recorder_name import read_recorder_name
from badc.orchestration.audio_scan import scan_audio
from badc.orchestration.chunk_plan import ChunkPlan, ChunkRequest, plan_chunks


def planned(dataset: Path, **more) -> ChunkPlan:
    return plan_chunks(ChunkRequest(dataset, chunk_duration_s=1, **more))


def ids(dataset: Path, **more) -> list[str]:
    return [each.recording_id for each in planned(dataset, **more).cuts]


def test_a_recording_is_planned_into_the_folders_of_its_dataset(dataset, record) -> None:
    record("A/REC.wav")
    (only,) = planned(dataset, overlap_s=0.25).cuts
    assert only.recording == dataset / "audio/A/REC.wav"
    assert only.manifest == dataset / "manifests/REC.csv"
    assert only.chunk_dir == dataset / "artifacts/chunks/REC"
    assert (only.duration_ms, only.overlap_ms) == (1000, 250)


def test_names_fit_in_any_case_and_chunks_and_hidden_files_do_not_count(dataset, record) -> None:
    for name in ("a.wav", "b.WAV", "c.flac", "._a.wav", ".trash/d.wav", "e_chunk_0_60000.wav"):
        record(name)
    (dataset / "audio/notes.txt").touch()
    assert ids(dataset) == ["a", "b"]
    assert ids(dataset, patterns=("*.FLAC",)) == ["c"]
    assert ids(dataset, patterns=("*",)) == ["a", "b", "c"]
    assert ids(dataset, patterns=("*.wav", "*.flac")) == ["a", "b", "c"]
    assert ids(dataset, patterns=("*.txt",)) == ["notes"]
    assert ids(dataset, patterns=("[ab]*",)) == ["a", "b"]


def test_what_is_still_being_copied_is_left_for_later_though_it_bears_an_old_date(
    dataset, record
) -> None:
    path = record("REC.wav")
    os.utime(path, (0, 0))  # as 'cp -p' and 'rsync -t' leave it
    plan = planned(dataset, settle_s=3600)
    assert (plan.cuts, plan.unsettled) == ((), 1)
    (only,) = planned(dataset).cuts
    cut(only)
    record("REC.wav")  # what is done does not wait
    plan = planned(dataset, settle_s=3600)
    assert (plan.done, plan.unsettled) == (1, 0)


def test_a_pattern_with_a_slash_is_for_the_path(dataset, record) -> None:
    record("A/x.wav")
    record("B/y.wav")
    assert ids(dataset, patterns=("B/*.wav",)) == ["y"]


def test_linked_folders_are_looked_into_once(dataset, record, tmp_path: Path) -> None:
    record("A/x.wav")
    (dataset / "audio/A/round").symlink_to(dataset / "audio")
    (tmp_path / "disk").mkdir()
    (dataset / "audio/A/x.wav").rename(tmp_path / "disk/y.wav")
    (dataset / "audio/B").symlink_to(tmp_path / "disk")
    assert scan_audio(dataset / "audio", ["*.wav"]).recordings == (dataset / "audio/B/y.wav",)


def test_an_annexed_recording_whose_content_is_elsewhere_is_planned_by_its_name(dataset) -> None:
    (dataset / "audio/REC.wav").symlink_to("../.git/annex/objects/xx/MD5E-s1--ff.wav")
    assert ids(dataset) == ["REC"]


def test_equal_stems_take_their_folders_before_them(dataset, record) -> None:
    for name in ("A/1/r.wav", "B/r.WAV", "r.wav", "B/s.wav"):
        record(name)
    assert ids(dataset) == ["A--1--r", "B--r", "s", "r"]


def test_a_folder_before_a_recorders_name_does_not_change_its_clock() -> None:
    assert read_recorder_name("A--20240601_050000") is None  # the path still says it: in UTC
    sm4 = read_recorder_name("A--S4_20240601_050000")
    assert sm4 == read_recorder_name("S4_20240601_050000")
    assert sm4 is not None


def test_stems_that_differ_in_case_alone_are_equal_stems(dataset, record) -> None:
    record("A/Rec.wav")
    record("B/rEC.wav")
    assert ids(dataset) == ["A--Rec", "B--rEC"]


def test_an_id_once_given_stays(dataset, record) -> None:
    first = record("A/r.wav")
    cut(planned(dataset).cuts[0])
    record("B/r.wav")
    assert ids(dataset) == ["B--r"]
    assert ids(dataset, include_existing=True) == ["r", "B--r"]
    list(cut_many(planned(dataset).cuts))
    first.unlink()
    assert ids(dataset, include_existing=True) == ["B--r"]


def test_names_that_cannot_be_told_apart_are_named_and_stop_nobody(dataset, record) -> None:
    record("A/r.wav")
    record("A/r.flac")
    record("A/s.wav")
    plan = planned(dataset, patterns=("*",))
    assert [each.recording_id for each in plan.cuts] == ["s"]
    assert len(plan.faults) == 2
    assert all("would have the same id as" in str(fault) for fault in plan.faults)


def test_joined_folders_cannot_make_one_id_of_two(dataset, record) -> None:
    for name in ("A--B/r.wav", "A/B--r.wav", "A/B/r.wav", "C/r.wav", "C/B--r.wav"):
        record(name)
    plan = planned(dataset)
    assert len({each.recording_id for each in plan.cuts}) == len(plan.cuts)
    assert len(plan.cuts) + len(plan.faults) == 5


def test_the_chunks_of_another_recording_are_not_taken_for_its_own(dataset, record) -> None:
    record("A/r.wav")
    cut(planned(dataset).cuts[0])
    record("r.flac")
    plan = planned(dataset, patterns=("*.flac",))
    assert not plan.cuts
    assert f"holds the chunks of another recording, {dataset}/audio/A/r.wav" in str(plan.faults[0])


@pytest.mark.parametrize("shared", ["chunks_dir", "manifest_dir"])
def test_two_datasets_that_share_a_folder_do_not_overwrite_or_hide_each_other(
    tmp_path, record, shared
) -> None:
    for name in ("one", "two"):
        record(tmp_path / name / "audio" / "r.wav")
    assert len(ids(tmp_path / "two")) == 1
    list(cut_many(planned(tmp_path / "two").cuts))  # has its own, too: it is not done elsewhere
    together = {shared: tmp_path / "shared"}
    list(cut_many(planned(tmp_path / "one", **together).cuts))
    plan = planned(tmp_path / "two", **together)
    assert (plan.cuts, plan.done) == ((), 0)
    assert f"of another recording, {tmp_path}/one/audio/r.wav" in str(plan.faults[0])


def test_what_is_done_is_left_alone_until_asked(dataset, record) -> None:
    record("a.wav")
    record("b.wav")
    cut(planned(dataset).cuts[0])
    plan = planned(dataset)
    assert ([each.recording_id for each in plan.cuts], plan.done, plan.otherwise_cut) == (
        ["b"], 1, 0,
    )  # fmt: skip
    assert ids(dataset, include_existing=True) == ["a", "b"]
    other = plan_chunks(ChunkRequest(dataset, chunk_duration_s=2))
    assert (other.done, other.otherwise_cut) == (1, 1)


@pytest.mark.parametrize("status", ["failed", "in_progress", "no such word", None])
def test_a_cut_that_was_not_completed_is_taken_up_again(dataset, record, status) -> None:
    record("a.wav")
    (only,) = planned(dataset).cuts
    cut(only)
    place = only.chunk_dir / ".chunk_status.json"
    if status is None:
        place.write_text("{ torn")
    else:
        place.write_text(json.dumps(json.loads(place.read_text()) | {"status": status}))
    assert ids(dataset) == ["a"]


def test_a_manifest_that_is_missing_or_empty_is_made_again(dataset, record) -> None:
    record("a.wav")
    (only,) = planned(dataset).cuts
    cut(only)
    only.manifest.write_text("")
    assert ids(dataset) == ["a"]
    only.manifest.unlink()
    assert ids(dataset) == ["a"]
    only.manifest.symlink_to("../.git/annex/objects/gone")  # its content is elsewhere
    assert ids(dataset) == []


def test_the_limit_counts_what_is_to_be_done(dataset, record) -> None:
    for name in "abc":
        record(f"{name}.wav")
    cut(planned(dataset).cuts[0])
    plan = planned(dataset, limit=1)
    assert ([each.recording_id for each in plan.cuts], plan.beyond_limit) == (["b"], 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"limit": 0}, "--limit 0"),
        ({"overlap_s": 1}, "--overlap 1 is not less"),
        ({"chunk_duration_s": 0}, "--chunk-duration 0"),
        ({"chunk_duration_s": float("nan")}, "--chunk-duration nan"),
        ({"patterns": ()}, "--pattern"),
        ({"patterns": ("",)}, "--pattern"),
    ],
)
def test_what_cannot_be_is_refused_even_for_an_empty_dataset(dataset, more, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_chunks(ChunkRequest(dataset, **{"chunk_duration_s": 1, **more}))


def test_a_folder_without_audio_is_no_dataset(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none", tmp_path / ("x" * 5000)):
        with pytest.raises(UsageError, match="is no folder"):
            planned(place)


def test_impossible_names_are_faults_of_their_own(dataset, record) -> None:
    record("good.wav")
    record("a..b.wav")
    record("new\nline.wav")
    record("\udcff.wav")
    record("\udcff/fine.wav")
    plan = planned(dataset)
    assert [each.recording_id for each in plan.cuts] == ["good"]
    assert len(plan.faults) == 4
    assert all(fault.subject.startswith(f"{dataset}/audio/") for fault in plan.faults)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_closed_folder_is_named(dataset, record) -> None:
    record("A/x.wav")
    record("B/y.wav")
    (dataset / "audio/A").chmod(0)
    try:
        plan = planned(dataset)
    finally:
        (dataset / "audio/A").chmod(0o755)
    assert [each.recording_id for each in plan.cuts] == ["y"]
    assert "audio/A: cannot be looked into" in str(plan.faults[0])


def test_a_thousand_recordings_are_planned_in_moments(dataset) -> None:
    for station in range(20):
        (dataset / f"audio/S{station}").mkdir()
        for number in range(50):
            (dataset / f"audio/S{station}/2024{number}.wav").touch()
    began_s = time.process_time()  # however busy the host is
    assert len(set(ids(dataset))) == 1000
    assert time.process_time() - began_s < 30  # a guard against squares, not a measurement
