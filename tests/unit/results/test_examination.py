"""What is wrong with one chunk, and the reason that is given."""

import os
from dataclasses import replace

import pytest

from badc.results import examine
from tests.heard_results import RUNNER, HeardResults


@pytest.fixture
def heard(tmp_path):
    return HeardResults.make(tmp_path, 2)


def examined(heard, number=0, **other):
    chunk = replace(heard.chunks[number], **other)
    return examine(chunk, heard.json(number))


def test_what_a_run_wrote_has_no_fault_and_names_its_maker(heard):
    found = examined(heard)
    assert (found.fault, found.audio_fault, found.by_digest) == (None, None, True)
    assert (found.maker.fingerprint, found.maker.kind, found.maker.is_stub) == (
        RUNNER,
        "custom",
        False,
    )


def test_without_any_digest_the_size_is_compared_and_that_is_said(tmp_path):
    heard = HeardResults.make(tmp_path, 1, hashed=False)
    assert (examined(heard).fault, examined(heard).by_digest) == (None, False)
    heard.chunks[0].path.write_bytes(b"longer than it was, by far")
    kind, why = examined(heard).fault
    assert kind == "stale"
    assert "it records 17 bytes, the chunk file has 26" in why


def test_no_json_is_missing(heard):
    heard.json(0).unlink()
    assert examined(heard).fault == ("missing", "there is no JSON")


def test_a_link_to_json_that_is_not_here_is_missing_and_to_be_fetched(heard):
    heard.json(0).unlink()
    heard.json(0).symlink_to("nowhere")
    kind, why = examined(heard).fault
    assert kind == "missing"
    assert "datalad get" in why


WRECKS = {
    "empty": (b"", "not JSON (empty)"),
    "torn": (b'{"chunk_id": "c0", "rec', "not JSON ("),
    "not UTF-8": (b"\xff", "not UTF-8 text"),
    "a list": (b"[]", "is not a chunk's result"),
    "an object": (b"{}", "is not a chunk's result"),
    "deep": (b"[" * 100_000, "not usable JSON"),
    "endless number": (b'{"a": 1e999}', "not usable JSON"),
}


@pytest.mark.parametrize(("raw", "said"), WRECKS.values(), ids=WRECKS.keys())
def test_what_is_no_result_is_corrupt(heard, raw, said):
    heard.json(0).write_bytes(raw)
    kind, why = examined(heard).fault
    assert kind == "corrupt"
    assert said in why


FALSE_FIELDS = {
    "another chunk": ({"chunk_id": "c1"}, "is about chunk 'REC/c1'"),
    "another recording": ({"recording_id": "R\n2"}, r"is about chunk 'R\n2/c0'"),
    "no status": ({"status": "done"}, "is not a chunk's result"),
    "before the chunk": ({"detections": [{"timestamp_ms": -5}]}, "before the chunk's start"),
    "backwards": ({"detections": [{"timestamp_ms": 5, "end_ms": 1}]}, "before it begins"),
    "no detections": ({"detections": None}, "holds no 'detections' list"),
    "odd digest": ({"chunk": {"sha256": ["a"]}}, "its chunk's sha256 is no text"),
}


@pytest.mark.parametrize(("fields", "said"), FALSE_FIELDS.values(), ids=FALSE_FIELDS.keys())
def test_a_result_that_cannot_be_true_is_corrupt(heard, fields, said):
    heard.change(0, **fields)
    kind, why = examined(heard).fault
    assert kind == "corrupt"
    assert said in why


def test_what_is_no_file_is_corrupt_and_not_waited_for(heard):
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        heard.json(number).unlink()
        make(heard.json(number))
        assert examined(heard, number).fault == ("corrupt", "is no regular file")


STALE = {
    "digest of other audio": ({"chunk": {"sha256": "ab" * 32}}, "it records sha256 'abab"),
    "size of other audio": ({"provenance": {"chunk_bytes": 7}}, "it records 7 bytes"),
    "no size": ({"provenance": {"chunk_bytes": None}}, "does not record the size"),
    "endless size": ({"provenance": {"chunk_bytes": 10**4000}}, "bytes, the chunk file has"),
    "another place": ({"chunk": {"start_ms": 500}}, "was made from 500 to 1000 ms"),
    "no provenance": ({"provenance": 5}, "does not record the size"),
}


@pytest.mark.parametrize(("fields", "said"), STALE.values(), ids=STALE.keys())
def test_a_result_of_other_audio_is_stale(heard, fields, said):
    heard.change(0, **fields)
    kind, why = examined(heard).fault
    assert kind == "stale"
    assert said in why
    assert len(why) < 300


def test_audio_changed_after_it_was_heard_is_seen_by_the_digest_in_the_json_alone(heard):
    chunk = heard.chunks[0]
    assert examined(heard, sha256=None).fault is None
    chunk.path.write_bytes(chunk.path.read_bytes()[::-1])  # as long as before
    found = examined(heard, sha256=None)
    assert found.audio_fault is None
    assert found.fault[0] == "stale"
    assert f"it records sha256 '{chunk.sha256}'" in found.fault[1]


def test_audio_that_is_not_the_manifests_is_the_audios_fault_and_not_the_jsons(heard):
    heard.chunks[0].path.write_bytes(b"other")
    found = examined(heard)
    assert found.fault is None
    assert f"the manifest's is '{heard.chunks[0].sha256}'" in found.audio_fault


def test_a_digest_in_the_manifest_that_is_none_is_the_audios_fault_on_one_line(heard):
    found = examined(heard, sha256="x" * 5000 + "\n")
    assert len(found.audio_fault) < 300
    assert "\n" not in found.audio_fault


def test_audio_that_is_not_there_leaves_the_json_to_be_judged_by_the_rest(heard):
    path = heard.chunks[0].path
    path.unlink()
    assert examined(heard).audio_fault == "there is no such chunk file"
    assert examined(heard).fault is None
    path.symlink_to("nowhere")
    assert "datalad get" in examined(heard).audio_fault
    path.unlink()
    os.mkfifo(path)
    assert examined(heard).audio_fault == "is no regular file"
    heard.change(0, chunk={"sha256": "ab"})
    assert examined(heard).fault[0] == "stale"


@pytest.mark.parametrize("name", ["x" * 5000, "x" * 300])
def test_names_too_long_are_faults_like_others(heard, name):
    found = examine(replace(heard.chunks[0], path=heard.root / name), heard.out / name)
    assert found.fault == ("corrupt", "cannot be read (File name too long)")
    assert found.audio_fault == "cannot be read (File name too long)"


@pytest.mark.parametrize(
    "maker", [None, "", 5, [RUNNER], {"a": 1}], ids=["none", "empty", "number", "list", "object"]
)
def test_a_maker_that_is_no_text_is_none(heard, maker):
    heard.change(0, provenance={"runner_fingerprint": maker}, runner=maker)
    assert not examined(heard).maker.fingerprint
