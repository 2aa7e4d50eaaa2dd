"""A run as the Prefect UI shows it: a real server, a real browser, real birds.

``BADC_PICTURES=docs/images`` also takes the pictures of docs/prefect-ui.md; the folder that pytest
is given with ``--basetemp`` is in them.
"""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from badc.manifest import read_manifest

pytestmark = pytest.mark.ui

ROOT = Path(__file__).resolve().parents[2]
_SONGS = 6
_HEIGHT = 900
_PICTURES = os.environ.get("BADC_PICTURES")


@dataclass(frozen=True)
class Shown:
    """A run that has ended, and where the UI shows it."""

    site: str
    run: dict[str, Any]
    artifacts: dict[str, dict[str, Any]]
    chunks: list[str]


@pytest.fixture
def shown(tmp_path: Path, prefect_server: dict[str, str], api, yellowthroat: Path) -> Shown:
    """BirdNET's run over some minutes of song and pauses, with one chunk that is no audio."""
    dataset = tmp_path / "my-dataset"
    (dataset / ".datalad").mkdir(parents=True)
    name = "NS-01"
    song, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    night = np.concatenate([np.concatenate([song, np.zeros_like(song)])] * _SONGS)
    soundfile.write(dataset / f"{name}.wav", night, rate_hz)

    def badc(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "badc", *words],
            cwd=dataset,
            env={**os.environ, "PYTHONPATH": str(ROOT), **prefect_server},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        ).stdout

    badc("chunk", "run", f"{name}.wav", "--chunk-duration", "3", "--manifest", f"{name}.csv")
    chunks = read_manifest(dataset / f"{name}.csv")
    chunks[5].path.write_bytes(b"no audio at all")
    how = ("--runner", "birdnet", "--cpu-workers", "2", "--keep-going")
    out = badc("infer", "run", f"{name}.csv", *how)
    run = api.run_announced(out)
    api.task_runs(run, len(chunks))
    site = prefect_server["PREFECT_API_URL"].removesuffix("/api")
    return Shown(site, run, api.artifacts_of(run), [str(chunk.key) for chunk in chunks])


def _resize(tab: Any, height: int) -> None:
    size = {"width": 1360, "height": height}
    tab.ask("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)


def _keep(tab: Any, name: str, height: int) -> None:
    """Take a picture for the docs, of few colours, so that it is small."""
    if not _PICTURES:
        return
    if height != _HEIGHT:  # drawn anew, the graph moves for a while
        _resize(tab, height)
    tab.run("new Promise(done => setTimeout(done, 3000))")  # the graph is drawn after its data came
    with Image.open(io.BytesIO(tab.picture())) as picture:
        small = picture.convert("RGB").quantize(96)
        small.save(Path(_PICTURES) / f"{name}.png", optimize=True)


def test_run_pages_tell_all(shown, tab):
    address = f"{shown.site}/v2/runs/flow-run/{shown.run['id']}"
    title = "NS-01 of my-dataset"
    _resize(tab, _HEIGHT)
    tab.open(f"{address}?tab=TaskRuns")
    tab.wait_for(title, "my-dataset", "birdnet", "Failed", shown.chunks[-1], "cpu-1", "attempt 1")
    _keep(tab, "prefect-run", _HEIGHT)

    tab.open(f"{address}?tab=Artifacts")
    tab.wait_for(*(f"infer-{what}-my-dataset" for what in ("progress", "workers", "events")))
    tab.wait_for("infer-report-my-dataset", "23 of 24 chunks done, 1 failed")
    tab.run("document.querySelector('[role=tablist]')?.scrollIntoView()")
    _keep(tab, "prefect-artifacts", _HEIGHT)

    def artifact(what: str) -> str:
        identity = shown.artifacts[f"infer-{what}-my-dataset"]["id"]
        return f"{shown.site}/v2/artifacts/artifact/{identity}"

    tab.open(artifact("report"))
    words = ["Common Yellowthroat", shown.chunks[5], "How to go on", "--resume-summary"]
    tab.wait_for(title, "23 of 24 chunks done, 1 failed", "Failed chunks", *words)
    _keep(tab, "prefect-report", 2250)
    tab.open(artifact("workers"))
    tab.wait_for("cpu-0", "cpu-1", "Failed attempts", "Avg runtime")
    _keep(tab, "prefect-workers", 520)
    tab.open(artifact("progress"))
    tab.wait_for("23 of 24 chunks done, 1 failed", "100%")
    assert tab.told("Runtime.exceptionThrown") == []


def test_the_address_that_the_terminal_prints_shows_the_run(shown, tab):
    tab.open(f"{shown.site}/runs/flow-run/{shown.run['id']}")
    tab.wait_for("NS-01 of my-dataset", shown.chunks[0])
