"""The smallest of the benchmarks do run; what they measure is nobody's business here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._runs import Run, outputs_in
from benchmarks._spent import ROOT, python


def _benchmarks(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT,
        env={**os.environ, "BENCH_ROUNDS": "1", "BENCH_RECORDINGS": "1", **more},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_figures_of_all_stand_in_one_table_at_the_end_even_if_one_cannot_be_run(tmp_path):
    told = tmp_path / "figures.json"
    nowhere = str(tmp_path / "nowhere")
    ended = _benchmarks(
        "planning", "hawkears", "monitor", "--json", str(told),
        BADC_TEST_HAWKEARS=nowhere, BENCH_EVENTS="100",
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    shown = ended.stdout.split("\n\n")[-1].splitlines()
    assert shown[0].split() == ["case", "figure", "met", "beside"]
    assert [line for line in shown[1:] if not line.startswith(" ")] == [
        "planning",
        "hawkears",
        "monitor",
    ]
    assert any("could not be run" in line and nowhere in line for line in shown)
    figures = json.loads(told.read_text())
    assert any("cores" in line and "GPUs" in line for line in figures["machine"])
    measured = {row["benchmark"] for row in figures["rows"] if row["figure"] is not None}
    assert measured == {"planning", "monitor"}


def test_a_benchmark_that_there_is_not_is_refused_before_anything_runs():
    ended = _benchmarks("planning", "weather")
    assert ended.returncode == 2
    assert "no benchmark 'weather'" in ended.stderr
    assert not ended.stdout


@pytest.mark.parametrize("way", ["stock", "threads", "dask"])
def test_other_ways_do_what_a_run_does_with_its_chunks(way, tmp_path, manifest, prefect_server):
    place = tmp_path / way
    place.mkdir()
    spent = python(["-m", "benchmarks._ways", way, manifest(3), place], prefect_server)
    run = Run(tmp_path / "manifest.csv", place, spent, 3)
    assert run.span_s > 0  # every chunk is on the record
    assert sorted(Path(path).stem for path in outputs_in(place).rglob("*.json")) == [
        "c000",
        "c001",
        "c002",
    ]
