"""A whole dataset, as a user hears it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEARS = 'answer.write_text(\'[{"timestamp_ms": 0, "end_ms": 500, "label": "OVEN"}]\')'


@pytest.fixture
def dataset(badc):
    """Adds recordings of so many chunks to the folder that ``badc`` runs in."""

    def add(name: str, count: int = 2) -> None:
        chunks = badc.folder / "artifacts" / "chunks" / name
        chunks.mkdir(parents=True)
        (chunks / ".chunk_status.json").write_text('{"status": "completed"}')
        rows = ["recording_id,chunk_id,source_path,start_ms,end_ms"]
        for number in range(count):
            path = chunks / f"{name} {number}.wav"
            path.write_bytes(b"sound")
            rows.append(f"{name},{path.stem},{path},{1000 * number},{1000 * number + 1000}")
        manifests = badc.folder / "manifests"
        manifests.mkdir(exist_ok=True)
        (manifests / f"{name}.csv").write_text("\n".join(rows) + "\n")

    return add


def results(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder / "artifacts" / "infer"))
        for path in (folder / "artifacts" / "infer").rglob("*.json")
    )


def test_one_broken_recording_stops_no_other_and_a_second_run_hears_just_that(
    badc, dataset, runner_script, starts
):
    for name in ("a", "b's", "c"):
        dataset(name)
    words = ["infer", "orchestrate", ".", "--apply", "--max-retries", 0, "--bundle-rollup"]
    runner = runner_script(f"if 'b' in audio.stem and not mended: sys.exit('no b')\n{HEARS}")
    ended = badc(*words, "--runner-cmd", runner)
    assert ended.code == 1, ended.all
    assert "1 of 3 recordings" in ended.err
    assert "b's" in ended.err.splitlines()[-1]
    assert "fault of BADC" not in ended.all
    assert results(badc.folder) == ["a/a 0.json", "a/a 1.json", "c/c 0.json", "c/c 1.json"]
    assert "4 detections of 1 labels in 2 recordings" in ended.out

    count = len(starts())
    (badc.folder / "mended").touch()
    again = badc(*words[:-1], "--runner-cmd", runner, "--resume-completed")
    assert again.code == 0, again.all
    assert "1 recordings to hear, 2 already done" in again.out
    assert len(starts()) == count + 4  # two words a line: "b's 0" and "b's 1"
    assert len(results(badc.folder)) == 6
    third = badc(*words[:-1], "--runner-cmd", runner)
    assert third.code == 0, third.all
    assert "0 recordings to hear, 3 already done" in third.out
    assert len(starts()) == count + 4

    shutil.rmtree(badc.folder / "artifacts" / "aggregate")
    fourth = badc(*words, "--runner-cmd", runner)
    assert fourth.code == 0, fourth.all
    assert len(starts()) == count + 4  # what was heard before is bundled where it is not
    assert "6 detections of 1 labels in 3 recordings" in fourth.out
    page = badc.folder / "artifacts" / "aggregate" / "report.html"
    assert "OVEN" in page.read_text()


def test_tables_of_several_detectors_are_warned_of_each_time_and_fail_no_run(
    badc, dataset, runner_script
):
    for name in ("a", "b"):
        dataset(name)
    trial = badc.folder / "artifacts" / "infer" / "a" / "a 9.json"
    trial.parent.mkdir(parents=True)
    stub = {"recording_id": "a", "chunk_id": "a 9", "runner": "stub", "status": "stub"}
    trial.write_text(json.dumps(stub | {"detections": []}))
    words = ["infer", "orchestrate", ".", "--apply", "--bundle-rollup"]
    for heard in ("2 recordings to hear", "0 recordings to hear"):
        ended = badc(*words, "--runner-cmd", runner_script(HEARS))
        assert ended.code == 0, ended.all
        assert heard in ended.out
        whole = [line for line in ended.err.splitlines() if line.startswith("Warning: This table")]
        assert len(whole) == 1
        assert "results of 2 detectors or settings: custom [" in whole[0]
        assert "stub [settings not recorded] (1 chunk of 1 recording, a)" in whole[0]
        assert ("Warning: a: the table holds results of 2" in ended.err) == heard.startswith("2")
        assert "Warning: b: " not in ended.err


def test_a_plan_says_what_it_would_do_and_does_nothing(offline_badc, badc, dataset):
    dataset("a", 3)
    before = set(badc.folder.rglob("*"))
    ended = offline_badc(
        "infer", "orchestrate", "--stub-runner", "--plan-csv", "p.csv", "--plan-json", "p.json"
    )
    assert ended.code == 0, ended.all
    assert "Forecast: 3 chunks, 0.00 hours of audio." in ended.out
    (row,) = json.loads((badc.folder / "p.json").read_text())
    assert row["recording_output_dir"] == "artifacts/infer/a"
    assert row["use_hawkears"] is False
    made = {path.name for path in badc.folder.rglob("*") if path not in before}
    assert made == {"p.csv", "p.json"}


def test_half_cut_recordings_are_listed(offline_badc, badc, dataset):
    dataset("a")
    dataset("b")
    (badc.folder / "artifacts" / "chunks" / "b" / ".chunk_status.json").write_text(
        '{"status": "in_progress"}'
    )
    ended = offline_badc("infer", "orchestrate", "--stub-runner", "--apply")
    assert ended.code == 1
    assert "b (in_progress)" in ended.err
    assert not (badc.folder / "artifacts" / "infer").exists()


def test_the_slurm_script_hears_a_recording_where_apply_would_have(
    badc, dataset, runner_script, prefect_server
):
    for name in ("a", "b's"):
        dataset(name)
    (badc.folder / "bin").mkdir()
    program = badc.folder / "bin" / "badc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m badc "$@"\n')
    program.chmod(0o755)
    planned = badc(
        "infer", "orchestrate", ".", "--runner-cmd", runner_script(HEARS), "--sockeye-script",
        "array.sh", "--sockeye-account", "st-alloc-1", "--sockeye-time", "02:00:00",
        "--sockeye-throttle", 3, "--sockeye-resume-completed",
    )  # fmt: skip
    assert planned.code == 0, planned.all
    script = (badc.folder / "array.sh").read_text()
    for line in ("--account=st-alloc-1", "--time=02:00:00", "--array=0-1%3", "--requeue"):
        assert f"#SBATCH {line}\n" in script
    told = subprocess.run(
        ["bash", "array.sh", "1"],
        cwd=badc.folder,
        env={
            **badc.environment,
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "BADC_PREFECT_API_URL": prefect_server["PREFECT_API_URL"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert results(badc.folder) == ["b's/b's 0.json", "b's/b's 1.json"]
    again = badc("infer", "orchestrate", ".", "--runner-cmd", runner_script(HEARS))
    assert "1 recordings to hear, 1 already done" in again.out


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--plan-csv", "p", "--plan-json", "p"], "--plan-csv and --plan-json name one file"),
        (["--plan-csv", "manifests/a.csv"], "manifests/a.csv: is no plan of recordings"),
        (["--apply", "--record-datalad"], "lies in no DataLad dataset"),
    ],
)
def test_what_would_lose_something_is_refused(offline_badc, badc, dataset, more, why):
    dataset("a")
    before = (badc.folder / "manifests" / "a.csv").read_text()
    ended = offline_badc("infer", "orchestrate", "--stub-runner", *more)
    assert (ended.code, ended.err.count("Error:")) == (2, 1), ended.all
    assert why in ended.err
    assert (badc.folder / "manifests" / "a.csv").read_text() == before
    assert not (badc.folder / "artifacts" / "infer").exists()


@pytest.mark.parametrize(
    "wrong", [("--sockeye-time", "soon"), ("--sockeye-mem", "much"), ("--sockeye-throttle", "0")]
)
def test_what_slurm_would_refuse_is_refused_first(offline_badc, badc, dataset, wrong):
    dataset("a")
    ended = offline_badc(
        "infer", "orchestrate", "--stub-runner", "--sockeye-script", "s.sh", *wrong
    )
    assert (ended.code, ended.err.count("Error:")) == (2, 1), ended.all
    assert not (badc.folder / "s.sh").exists()


def test_a_script_of_jobs_and_a_cluster_exclude_each_other(badc, dataset):
    dataset("a")
    ended = badc(
        "infer", "orchestrate", ".", "--stub-runner", "--sockeye-script", "array.sh",
        "--scheduler-address", "tcp://127.0.0.1:9",
    )  # fmt: skip
    assert ended.code == 2, ended.all
    assert "Error: --sockeye-script hears each recording within its own job" in ended.err
    assert not (badc.folder / "array.sh").exists()
