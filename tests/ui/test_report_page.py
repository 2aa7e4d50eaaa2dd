"""The report page as a person sees it: in a real browser, from a run's own files."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.aggregate import Request, aggregate
from badc.report.page import Wish, write_page
from badc.report.source import open_source

pytestmark = pytest.mark.ui

RATE_HZ = 32_000
LABELS = ["Ovenbird", "<img src=x onerror=alert(1)>", "鳥の声", '"$5 & more"']


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page made from chunk files and their JSON, in a folder with an awkward name."""
    noise = np.random.default_rng(1).normal(0, 0.05, 20 * RATE_HZ)
    folder = tmp_path / "it's 100% #1?"
    for number in range(3):
        chunk_id = f"NS-01_20260510_050000_chunk_{number}"
        audio = folder / "chunks" / f"{chunk_id}.wav"
        audio.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(audio, noise, RATE_HZ)
        heard = [
            {"timestamp_ms": 3000 * n, "end_ms": 3000 * n + 3000, "label": label, "confidence": 0.9}
            for n, label in enumerate(LABELS)
        ]
        payload = {
            "chunk_id": chunk_id,
            "recording_id": "NS-01_20260510_050000",
            "source_path": str(audio),
            "status": "ok",
            "detections": heard if number < 2 else [],
            "chunk": {"start_ms": 20_000 * number, "end_ms": 20_000 * (number + 1)},
            "runner": "birdnet",
        }
        result = folder / "infer" / f"{chunk_id}.json"
        result.parent.mkdir(exist_ok=True)
        result.write_text(json.dumps(payload))
    parquet = folder / "detections.parquet"
    aggregate(Request(folder / "infer", folder / "summary.csv", parquet))
    with open_source(parquet) as source:
        made = write_page(source, folder / "report.html", Wish(clips_each=2))
    assert made.clips == 2 * len(LABELS)
    return folder / "report.html"


def test_the_page_is_whole_in_a_browser_without_any_network(page, tab):
    tab.open(page)
    pictures = tab.run(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert len(pictures) == 5 + 2 * len(LABELS)
    assert all(width > 100 for width in pictures)
    played = tab.run(
        """Promise.all([...document.querySelectorAll('audio')].map(async a => {
            a.muted = true; a.playbackRate = 4; await a.play();
            await new Promise(done => { a.onended = done; });
            return [a.duration, a.currentTime]; }))"""
    )
    assert len(played) == 2 * len(LABELS)
    assert all(2.5 < duration < 4.5 and at >= duration - 0.1 for duration, at in played)
    assert "<img src=x onerror=alert(1)>" in tab.run("document.body.innerText")
    assert tab.run("document.documentElement.scrollWidth <= window.innerWidth")
    requested = [each["request"]["url"] for each in tab.told("Network.requestWillBeSent")]
    assert [url for url in requested if not url.startswith("data:")] == [page.as_uri()]
    assert tab.told("Runtime.consoleAPICalled") == []
    assert tab.told("Runtime.exceptionThrown") == []
    assert tab.told("Log.entryAdded") == []


def test_the_page_fits_a_telephone(page, tab):
    tab.ask(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=800,
        deviceScaleFactor=2,
        mobile=True,
    )
    tab.open(page)
    assert tab.run("document.documentElement.scrollWidth") <= 390
