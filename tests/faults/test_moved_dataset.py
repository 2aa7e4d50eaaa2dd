"""A dataset taken elsewhere as a whole, and mounted there read-only: all is as it was."""

import csv
import json
import re
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest
import soundfile

from tests.cli.conftest import BIN, Badc

_HEARS = """
heard = {"timestamp_ms": 100, "end_ms": 900, "label": "OVEN", "confidence": 0.9}
answer.write_text(json.dumps([heard]))
"""
_CHUNKS = 3
_TABLE = "SELECT * EXCLUDE (dataset_root) FROM read_parquet($path) ORDER BY ALL"


def recording(path: Path, seconds: int = _CHUNKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(5).uniform(-0.5, 0.5, 8000 * seconds)
    soundfile.write(path, noise, 8000, subtype="PCM_16")
    return path


def table(parquet: Path, query: str = _TABLE) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(query, {"path": str(parquet)}).fetchall()


class Taken:
    """A dataset of one recording, and what users ask of it, from another folder."""

    def __init__(self, badc: Badc, place: Path, infer: str = "artifacts/infer") -> None:
        self.badc = badc
        self.place = place
        self.out = badc.folder / "out"
        self.results = place / infer
        (self.manifest,) = [path for path in place.rglob("REC*.csv") if _is_manifest(path)]

    def all_is_well(self, runner: list[str], before: list[tuple]) -> None:
        """Verify, hear again, aggregate, and make a page with sounds."""
        verified = self.badc("infer", "verify", self.results, "--manifest", self.manifest)
        assert verified.code == 0, verified.all
        assert f"{_CHUNKS} chunks: {_CHUNKS} intact" in verified.out
        again = self.badc(
            "infer", "run", self.manifest, *runner, "--output-dir", self.results
        )  # fmt: skip
        assert again.code == 0, again.all
        assert f"Processed {_CHUNKS} of {_CHUNKS}" in again.out
        parquet = self.out / "d.parquet"
        told = self.badc(
            "infer", "aggregate", self.results, "--output", self.out / "s.csv", "--parquet", parquet
        )
        assert told.code == 0, told.all
        assert table(parquet) == before
        places = table(parquet, "SELECT dataset_root, source_path FROM read_parquet($path)")
        assert all((Path(root) / words).is_file() for root, words in places)
        assert {root for root, _ in places} == {str(self.place)}
        self.page_has_sounds(parquet)

    def page_has_sounds(self, parquet: Path) -> None:
        page = self.out / f"{parquet.stem}.html"
        made = self.badc("report", "html", "--parquet", parquet, "--output", page)
        assert made.code == 0, made.all
        assert "left out" not in made.all
        assert len(re.findall(r'"data:audio/', page.read_text())) == _CHUNKS


def _is_manifest(path: Path) -> bool:
    return path.read_text().startswith("recording_id,chunk_id,source_path,start_ms")


@pytest.fixture
def hears(runner_script, tmp_path):
    """The options of a runner that lies outside of any dataset, and hears one call a chunk."""
    command = runner_script(_HEARS)
    (tmp_path / "elsewhere").mkdir()
    return ["--runner-cmd", command]


@pytest.fixture
def pipeline(badc, hears, starts):
    """A dataset that 'badc pipeline run' made, and its table."""
    place = badc.folder / "a set"
    recording(place / "audio" / "North" / "REC.wav")
    words = ["pipeline", "run", place, *hears, "--chunk-duration", 1]
    made = badc(*words)
    assert made.code == 0, made.all
    assert len(starts()) == _CHUNKS
    badc.folder = badc.folder / "elsewhere"
    return place, words


def test_a_dataset_names_nothing_by_the_place_where_it_was_cut(pipeline):
    place, _ = pipeline
    with (place / "manifests" / "REC.csv").open(newline="") as stream:
        words = [row["source_path"] for row in csv.DictReader(stream)]
    assert words[0] == "artifacts/chunks/REC/REC_chunk_0_1000.wav"
    status = json.loads((place / "artifacts/chunks/REC/.chunk_status.json").read_text())
    assert status["audio_path"] == "audio/North/REC.wav"
    results = [json.loads(path.read_text()) for path in place.rglob("infer/REC/*.json")]
    assert sorted(result["source_path"] for result in results) == words
    assert {result["dataset_root"] for result in results} == {str(place)}


def test_a_dataset_of_a_pipeline_is_as_it_was_where_it_is_taken_read_only(
    badc, pipeline, hears, starts, read_only, tmp_path
):
    place, words = pipeline
    before = table(place / "artifacts/aggregate/REC_detections.parquet")
    assert len(before) == _CHUNKS
    moved = place.rename(tmp_path / "taken elsewhere")
    read_only(moved)
    taken = Taken(badc, moved)
    taken.all_is_well(hears, before)
    taken.page_has_sounds(moved / "artifacts/aggregate/REC_detections.parquet")  # moved with it
    again = badc(*(moved if word is place else word for word in words))
    assert again.code == 0, again.all
    assert len(starts()) == _CHUNKS
    assert sorted(path.name for path in badc.folder.iterdir()) == ["data", "out"]


@pytest.mark.parametrize("more", [["--rerun"], []], ids=["all of it", "one chunk"])
def test_what_is_to_be_heard_still_needs_a_writable_folder(
    badc, pipeline, hears, starts, read_only, more
):
    place, _ = pipeline
    results = place / "artifacts" / "infer"
    if not more:
        (results / "REC" / "REC_chunk_0_1000.json").unlink()
    read_only(place)
    refused = badc(
        "infer", "run", place / "manifests/REC.csv", *hears, *more, "--output-dir", results
    )  # fmt: skip
    assert refused.code == 2, refused.all
    (line,) = refused.err.splitlines()
    assert f"--output-dir: {results} is not writable (Read-only file system)" in line
    assert len(starts()) == _CHUNKS


def test_a_recording_cut_by_itself_is_as_it_was_where_its_folder_is_taken_read_only(
    badc, hears, starts, read_only, tmp_path
):
    place = tmp_path / "field"
    recording(place / "REC.wav")
    badc.folder = place
    for words in (
        ["chunk", "run", "REC.wav", "--chunk-duration", 1],
        ["infer", "run", "REC_chunks.csv", *hears],
        ["infer", "aggregate", "artifacts/infer", "--parquet", "d.parquet"],
    ):
        ended = badc(*words)
        assert ended.code == 0, ended.all
    before = table(place / "d.parquet")
    badc.folder = tmp_path / "elsewhere"
    moved = place.rename(tmp_path / "taken elsewhere")
    read_only(moved)
    taken = Taken(badc, moved)
    taken.all_is_well(hears, before)
    taken.page_has_sounds(moved / "d.parquet")
    assert len(starts()) == _CHUNKS


def _as_older_badc_wrote(place: Path) -> None:
    """Give manifest, results and status the absolute names that they had in plain folders."""
    manifest = place / "manifests" / "REC.csv"
    manifest.write_text(manifest.read_text().replace(",artifacts/", f",{place}/artifacts/"))
    for path in place.rglob("infer/REC/*.json"):
        result = json.loads(path.read_text())
        result["source_path"] = str(place / result["source_path"])
        del result["dataset_root"]
        path.write_text(json.dumps(result))
    path = place / "artifacts/chunks/REC/.chunk_status.json"
    status = json.loads(path.read_text())
    for name in ("audio_path", "chunk_output_dir", "manifest_path"):
        status[name] = str(place / status[name])
    path.write_text(json.dumps(status))


def test_an_older_dataset_full_of_absolute_names_is_found_again_where_it_is_taken(
    badc, pipeline, hears, starts, read_only, tmp_path
):
    place, words = pipeline
    before = table(place / "artifacts/aggregate/REC_detections.parquet")
    _as_older_badc_wrote(place)
    moved = place.rename(tmp_path / "taken elsewhere")
    read_only(moved)
    taken = Taken(badc, moved)
    taken.all_is_well(hears, before)
    for command in (
        ["infer", "verify", taken.results, "--manifest", taken.manifest],
        ["infer", "run", taken.manifest, *hears, "--output-dir", taken.results],
    ):
        (note,) = [
            line for line in badc(*command).err.splitlines() if "chunk files are not" in line
        ]
        assert f"Note: {_CHUNKS} of {_CHUNKS} chunk files" in note
        assert f"{place}/artifacts/chunks/REC/REC_chunk_0_1000.wav is now {moved}/" in note
    again = badc(*(moved if word is place else word for word in words))
    assert again.code == 0, again.all
    assert len(starts()) == _CHUNKS


@pytest.mark.skipif(not (BIN / "datalad").exists(), reason="DataLad is not installed")
def test_a_clone_of_a_dataset_is_as_the_dataset_was_and_its_log_stands_outside(
    badc,
    here,
    hears,
    starts,
    read_only,
    tmp_path,
):
    place = tmp_path / "first"
    here("datalad", "create", place)
    recording(place / "audio" / "REC.wav")
    here("datalad", "save", "-d", place, "-m", "audio")
    made = badc(
        "pipeline", "run", place, *hears, "--chunk-duration", 1, "--no-record-datalad"
    )  # fmt: skip
    assert made.code == 0, made.all
    here("datalad", "save", "-d", place, "-m", "all")
    before = table(place / "artifacts/aggregate/REC_detections.parquet")
    clone = tmp_path / "clone"
    here("datalad", "clone", place, clone)
    here("datalad", "get", "-d", clone, clone)
    here("chmod", "-R", "u+w", place)
    shutil.rmtree(place)
    badc.folder = tmp_path / "elsewhere"
    read_only(clone)
    taken = Taken(badc, clone)
    taken.all_is_well(hears, before)
    taken.page_has_sounds(clone / "artifacts/aggregate/REC_detections.parquet")
    again = badc("infer", "run", taken.manifest, *hears)
    assert again.code == 0, again.all
    assert f"Note: {clone} is not writable; the log is in the working directory." in again.err
    assert f"Telemetry log: {badc.folder}/data/telemetry/infer/REC_" in again.out
    badc.folder = clone
    refused = badc("infer", "run", taken.manifest, *hears)
    assert refused.code == 2, refused.all
    (line,) = refused.err.splitlines()
    assert "--telemetry-log" in line
    assert "is not writable (Read-only file system)" in line
    named = badc("infer", "run", taken.manifest, *hears, "--telemetry-log", tmp_path / "r.jsonl")
    assert named.code == 0, named.all
    assert len(starts()) == _CHUNKS
