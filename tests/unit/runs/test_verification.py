"""A manifest's results as a whole: which runner is expected, and which files belong to nobody."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from badc.results import Maker
from badc.runs import verify
from tests.heard_results import RUNNER, HeardResults

OTHER = "fedcba9876543210"


@pytest.fixture
def heard(tmp_path):
    return HeardResults.make(tmp_path, 3)


def put(path: Path, content: bytes = b"{}") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_what_a_run_left_is_all_well(heard):
    verification = heard.verify()
    assert verification.all_well
    assert (verification.intact, verification.by_size_alone, verification.elsewhere) == (3, 0, 0)
    assert set(verification.counts.values()) == {0}
    assert verification.to_hear == ()


def test_findings_come_by_kind_and_then_in_the_manifests_order(tmp_path):
    heard = HeardResults.make(tmp_path, 5)
    for number in (4, 1):
        heard.json(number).unlink()
    heard.json(3).write_bytes(b"{")
    heard.chunks[0].path.write_bytes(b"other")
    put(heard.json(2).with_name("c9.json"))
    assert heard.found() == [
        ("missing", "c1"),
        ("missing", "c4"),
        ("corrupt", "c3"),
        ("audio", "c0"),
        ("foreign", "c9.json"),
    ]
    verification = heard.verify()
    assert verification.intact == 1
    assert verification.counts == {
        "missing": 2,
        "corrupt": 1,
        "stale": 0,
        "audio": 1,
        "foreign": 1,
    }
    assert [chunk.key.chunk_id for chunk in verification.to_hear] == ["c1", "c3", "c4"]


def test_a_chunk_whose_audio_is_at_fault_is_not_heard_again(heard):
    heard.json(0).unlink()
    heard.chunks[0].path.write_bytes(b"other")
    assert heard.found() == [("missing", "c0"), ("audio", "c0")]
    assert heard.verify().to_hear == ()


def test_most_results_say_which_runner_is_expected_and_others_are_named(heard):
    heard.hear(heard.chunks[1], OTHER, "birdnet")
    (finding,) = heard.verify().findings
    assert (finding.kind, finding.key.chunk_id) == ("stale", "c1")
    assert finding.why == f"was made by birdnet {OTHER}; expected is custom {RUNNER}"


def test_the_runner_that_is_asked_for_outvotes_all(heard):
    heard.hear(heard.chunks[1], OTHER, "birdnet")
    assert heard.found(Maker(OTHER, "birdnet")) == [("stale", "c0"), ("stale", "c2")]


def test_silence_of_the_stub_never_outvotes_what_a_runner_heard(heard):
    for chunk in heard.chunks[:2]:
        heard.hear(chunk, OTHER, "stub")
    assert heard.found() == [("stale", "c0"), ("stale", "c1")]
    assert "is of the stub, which hears nothing" in heard.verify().findings[0].why
    heard.hear(heard.chunks[2], OTHER, "stub")
    assert heard.verify().all_well
    assert heard.found(Maker(RUNNER, "custom")) == [("stale", f"c{n}") for n in range(3)]


def test_a_stubs_result_under_another_runners_name_is_stale(heard):
    heard.change(0, status="stub", detections=[])
    assert heard.found() == [("stale", "c0")]


def test_results_that_name_no_runner_are_stale(heard):
    heard.change(1, provenance={"runner_fingerprint": None})
    assert heard.found() == [("stale", "c1")]
    for number in (0, 2):
        heard.change(number, provenance={"runner_fingerprint": None})
    verification = heard.verify()
    assert verification.counts["stale"] == 3
    assert verification.expected is None


def test_a_folder_named_for_the_recording_holds_the_json_itself(tmp_path):
    heard = HeardResults.make(tmp_path, 2, recording="out")
    assert heard.json(0) == heard.out / "c0.json"
    put(heard.out / "c9.json")
    put(heard.out / "REC2" / "c9.json")
    put(heard.out / "c1_hawkears" / "HawkEars_labels.csv")
    assert heard.found() == [("foreign", "c9.json")]
    assert heard.verify().elsewhere == 1


def test_json_of_no_chunk_and_drafts_are_foreign_in_the_manifests_recordings(heard):
    for name in ("c9.json", "C0.JSON", ".c0.json.0a1b2c3d.tmp", "old/c0.json"):
        put(heard.out / "REC" / name)
    (heard.out / "REC" / ".c0_hawkears.0a1b2c3d.tmp").mkdir()
    put(heard.out / ".REC.json.0a1b2c3d.tmp")
    assert sorted(name for _, name in heard.found()) == [
        ".REC.json.0a1b2c3d.tmp",
        ".c0.json.0a1b2c3d.tmp",
        ".c0_hawkears.0a1b2c3d.tmp",
        "C0.JSON",
        "c0.json",
        "c9.json",
    ]
    assert heard.verify().intact == 3


def test_what_badc_keeps_and_what_is_no_json_is_not_foreign(heard):
    put(heard.out / "REC" / "c0_hawkears" / "HawkEars_labels.csv")
    put(heard.out / "REC" / "c0_hawkears" / "more.json")
    heard.json(1).unlink()
    put(heard.out / "REC" / "c1_hawkears" / "raw.json")  # of a chunk whose JSON was lost
    put(heard.out / "REC" / "c8_hawkears" / "HawkEars_labels.csv")  # of an earlier manifest
    for name in ("REC/notes.txt", "REC/run.jsonl.summary.json", ".gitattributes", "REC/.x.json"):
        put(heard.out / name)
    assert heard.found() == [("missing", "c1")]


def test_other_recordings_are_counted_and_never_opened(heard):
    for name in ("B/c0.json", "B/c1.json", "C/c0.json", "B/.c0.json.0a1b2c3d.tmp"):
        put(heard.out / name, b"torn")
    os.mkfifo(heard.out / "C" / "pipe.json")
    assert heard.verify().all_well
    assert heard.verify().elsewhere == 4


def test_json_beside_the_recordings_folders_is_foreign_unless_its_folder_is_named_for_it(heard):
    put(heard.out / "c0.json", heard.json(0).read_bytes())
    put(heard.out / "torn.json", b"{")
    assert heard.found() == [("foreign", "c0.json"), ("foreign", "torn.json")]
    heard.change(0, recording_id="out")
    put(heard.out / "c0.json", heard.json(0).read_bytes())
    assert heard.found()[1:] == [("foreign", "torn.json")]


def test_links_in_circles_end_and_a_recordings_folder_may_be_a_link(heard):
    (heard.out / "REC").rename(heard.root / "elsewhere")
    (heard.out / "REC").symlink_to(heard.root / "elsewhere")
    (heard.out / "REC" / "loop").symlink_to(heard.out)
    (heard.out / "self.json").symlink_to("self.json")
    put(heard.out / "REC" / "c9.json")
    assert heard.found() == [("foreign", "c9.json"), ("foreign", "self.json")]


def test_a_recordings_folder_that_is_a_file_is_told_for_each_chunk(heard):
    (heard.out / "REC").rename(heard.root / "elsewhere")
    put(heard.out / "REC")
    assert [kind for kind, _ in heard.found()] == ["corrupt"] * 3


def test_an_empty_folder_lacks_every_chunk(heard):
    verification = verify(heard.chunks, heard.root / "audio")
    assert verification.counts["missing"] == 3
    assert verification.intact == 0


def test_equal_chunk_ids_of_two_recordings_stay_apart(tmp_path):
    a, b = (HeardResults.make(tmp_path, 2, recording=name) for name in "AB")
    b.json(1).unlink()
    verification = verify([*a.chunks, *b.chunks], a.out)
    assert [str(finding.key) for finding in verification.findings] == ["B/c1"]
    assert verification.elsewhere == 0


def test_only_intact_chunks_are_counted_as_compared_by_size_alone(heard):
    heard.chunks = [replace(chunk, sha256=None) for chunk in heard.chunks]
    for number in range(3):
        heard.change(number, chunk={"sha256": None})
    heard.json(1).unlink()
    assert heard.verify().by_size_alone == 2
