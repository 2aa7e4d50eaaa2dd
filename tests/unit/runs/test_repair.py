"""The run that repairs: on just the chunks that need it, and otherwise like the run before."""

from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.manifest import read_manifest
from badc.results import Maker
from badc.runners.choice import choose_runner
from badc.runs import InferRequest, maker_asked, recognised, repair_request
from badc.runs.paths import run_dataset
from tests.heard_results import RUNNER, HeardResults

HEARD_BY = {"runner": "command", "runner_cmd": "my-runner --fast"}


@pytest.fixture
def heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return HeardResults.make(tmp_path, 3)


def repair_of(heard, manifest=None):
    request = InferRequest(manifest=manifest or heard.manifest, **HEARD_BY)
    return repair_request(request, Path("out"), heard.chunks, heard.chunks[1:])


def test_it_hears_only_what_it_is_told_to_and_even_where_json_stands(heard):
    repair = repair_of(heard)
    assert [chunk.key for chunk in read_manifest(repair.manifest)] == [
        chunk.key for chunk in heard.chunks[1:]
    ]
    assert (repair.rerun, repair.keep_going) == (True, True)
    assert repair.output_dir == heard.out
    assert (repair.runner, repair.runner_cmd) == ("command", "my-runner --fast")


def test_its_manifest_stays_beside_its_log_under_the_same_name(heard):
    repair = repair_of(heard)
    log = repair.telemetry_log
    assert log.parent == heard.root / "data" / "telemetry" / "infer"
    assert repair.manifest == log.parent / f"{log.stem}.repair" / "manifest.csv"


def test_outside_a_dataset_audio_is_named_as_the_manifest_does_and_digests_are_kept(heard):
    chunks = read_manifest(repair_of(heard).manifest)
    assert [(chunk.path, chunk.sha256) for chunk in chunks] == [
        (chunk.path, chunk.sha256) for chunk in heard.chunks[1:]
    ]
    assert [chunk.source_path for chunk in chunks] == [
        chunk.source_path for chunk in heard.chunks[1:]
    ]


def test_inside_a_dataset_all_chunks_are_as_they_were_to_the_word(heard):
    (heard.root / ".datalad").mkdir()
    repair = repair_of(heard)
    assert repair.manifest.is_relative_to(heard.root / "artifacts" / "telemetry")
    assert list(read_manifest(repair.manifest)) == heard.chunks[1:]
    assert run_dataset(repair.manifest, heard.chunks[1:]) == heard.root


def test_words_that_only_the_manifests_own_folder_explains_are_replaced(heard, monkeypatch):
    (heard.root / ".datalad").mkdir()
    manifests = heard.root / "manifests"
    manifests.mkdir()
    text = heard.manifest.read_text().replace("audio/", "../audio/")
    (manifests / "REC.csv").write_text(text)
    heard.chunks = list(read_manifest(manifests / "REC.csv"))
    monkeypatch.chdir(manifests)
    chunks = read_manifest(repair_of(heard, manifests / "REC.csv").manifest)
    assert [chunk.path for chunk in chunks] == [chunk.path for chunk in heard.chunks[1:]]


def test_whoever_works_inside_a_dataset_on_what_lies_outside_does_not_draw_it_in(
    heard, tmp_path_factory, monkeypatch
):
    inside = tmp_path_factory.mktemp("dataset")
    (inside / ".datalad").mkdir()
    monkeypatch.chdir(inside)
    repair = repair_of(heard)
    assert run_dataset(repair.manifest, heard.chunks[1:]) is None
    assert read_manifest(repair.manifest)[0].path == heard.chunks[1].path


def test_a_folder_whose_name_no_manifest_can_hold_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    heard = HeardResults.make(folder, 2)
    with pytest.raises(UsageError, match="not UTF-8 text"):
        repair_of(heard)


def test_a_runner_is_recognised_by_its_fingerprint_where_it_needs_no_arguments(heard):
    manifest = heard.manifest
    for name in ("stub", "birdnet"):
        fingerprint = choose_runner(name).fingerprint()
        request = recognised(Maker(fingerprint, name), manifest)
        assert request == InferRequest(manifest=manifest, runner=name)
        assert maker_asked(request) == Maker(fingerprint, name, is_stub=name == "stub")
        assert recognised(Maker(RUNNER, name), manifest) is None
    assert recognised(Maker(RUNNER, "custom"), manifest) is None
    assert recognised(Maker(RUNNER, "hawkears"), manifest) is None
    assert recognised(None, manifest) is None


def test_a_runner_that_cannot_run_here_is_refused(heard):
    with pytest.raises(UsageError, match="'my-runner' was not found"):
        maker_asked(InferRequest(manifest=heard.manifest, **HEARD_BY))
