import base64
import io
import re
import xml.etree.ElementTree as ET
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import numpy as np
import pytest
import soundfile

from badc.errors import BadcError
from badc.report.page import Wish, write_page
from badc.report.page.chunk_file import find_chunk, read_around
from badc.report.page.facts import Listening
from badc.report.page.listened import by_hour
from badc.report.page.sound import resampled
from badc.report.page.words import clock, days, duration
from badc.report.source import open_source

from .conftest import heard

RATE_HZ = 32_000
DASH = "\N{EN DASH}"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=http://example.org/x onerror=alert(2)>',
    "$\\frac{1}{2$ 100% _x {{ 7 * 7 }}",
    "control\x01\x02\n\ttext",
    "鳥の声 🐦 عصفور",
    "&amp; <!-- ]]> -->",
    "long " * 300,
    "](javascript:alert(3))",
    "'; DROP TABLE detections;--",
]


class Elements(HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def chunk(tmp_path):
    """A chunk of ten seconds with a sweep from its third to its sixth."""
    seconds = np.arange(10 * RATE_HZ) / RATE_HZ
    sweep = np.sin(2 * np.pi * (1500 + 400 * seconds) * seconds) * ((seconds > 3) & (seconds < 6))
    path = tmp_path / "chunks" / "R" / "c1.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, 0.3 * sweep, RATE_HZ)
    return path


def page_of(parquet, output, **wish):
    with open_source(parquet) as source:
        page = write_page(source, output, Wish(**wish))
    return page, Elements(output.read_text("utf-8"))


def test_the_page_shows_every_picture_and_asks_for_nothing(table, effort, chunk, tmp_path):
    when = {"recording_date_time": "2026-05-10T05:00:00-07:00", "location": "NS-01"}
    sung = heard("OVEN", 3000, label_name="Ovenbird", source_path=str(chunk), **when)
    path = table(sung, heard("WIPT", 20_000, **when))
    effort(path, "R,5,3,300.0,2,NS-01,2026-05-10T05:00:00-07:00", "S,5,5,300.0,0,NS-02,")
    page, elements = page_of(path, tmp_path / "r.html")
    images = elements.all("img")
    assert len(images) == 5 + page.clips
    assert (page.clips, page.clips_missing) == (1, 1)
    assert all(image["alt"] and image["src"].startswith("data:image/") for image in images)
    for tag, attributes in elements.found:
        address = attributes.get("src") or attributes.get("href")
        assert address is None or address.startswith("data:"), tag
        assert tag not in {"script", "iframe", "object"}
    assert "connect-src" not in str(elements.all("meta"))
    assert "default-src 'none'" in str(elements.all("meta"))
    text = " ".join(elements.text)
    assert "10 min" in text  # listened, the silent recording too
    assert "UTC\N{MINUS SIGN}07:00" in text


def test_every_svg_is_sound_and_asks_for_nothing(table, tmp_path):
    rows = [heard(label, confidence=0.5) for label in HOSTILE]
    _, elements = page_of(table(*rows), tmp_path / "r.html")
    images = [each["src"] for each in elements.all("img")]
    assert images
    for image in images:
        kind, _, content = image.partition(";base64,")
        assert kind == "data:image/svg+xml"
        svg = base64.b64decode(content).decode()
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 - our own
        fetched = re.findall(r"(?:href|src)=\"([^\"]*)\"", svg) + re.findall(r"url\(([^)]*)", svg)
        assert all(address.startswith("#") for address in fetched)


def test_labels_cannot_become_markup(table, tmp_path):
    rows = [
        heard(label, recording_id=label[:80], location=label[:40], study_area=label[:40])
        for label in HOSTILE
    ]
    _, elements = page_of(table(*rows), tmp_path / "r.html", title=HOSTILE[0])
    assert not elements.all("script")
    assert not [image for image in elements.all("img") if "onerror" in image]
    text = "".join(elements.text)
    assert HOSTILE[0] in text
    assert "{{ 7 * 7 }}" in text


def test_a_table_without_rows_has_a_page(table, tmp_path):
    page, elements = page_of(table(), tmp_path / "r.html")
    assert page.detections == 0
    assert "no detections" in " ".join(elements.text)


def test_a_table_of_several_detectors_says_so_above_all_figures(table, tmp_path):
    rows = [heard(runner_fingerprint=each, recording_id="<R>") for each in ("a1", "b2")]
    page, elements = page_of(table(*rows), tmp_path / "r.html")
    text = " ".join(elements.text)
    for words in ("results of 2 detectors", "hawkears [a1]", "hawkears [b2]", "1 recording, <R>"):
        assert words in text
        assert words in page.caution
    page, elements = page_of(table(rows[0], rows[0]), tmp_path / "r.html")
    assert page.caution == ""
    assert "detectors or settings" not in " ".join(elements.text)


def test_silence_is_shown_as_effort(table, effort, tmp_path):
    path = table()
    effort(path, "R,5,5,300.0,0,NS-01,2026-05-10T23:58:00")
    _, elements = page_of(path, tmp_path / "r.html")
    assert len(elements.all("img")) == 1  # when was listened
    assert "5 min" in " ".join(elements.text)


def test_times_and_confidences_may_all_be_missing(table, tmp_path):
    rows = [heard("A", None, confidence=None, chunk_start_ms=None, runner=None)]
    page, elements = page_of(table(*rows), tmp_path / "r.html")
    assert page.detections == 1
    assert "start is known, so nothing" in " ".join(elements.text)


def test_confidences_beyond_one_are_drawn_at_the_edge(table, tmp_path):
    rows = [heard("A", confidence=7.5), heard("A", confidence=-3.0)]
    assert page_of(table(*rows), tmp_path / "r.html")[0].detections == 2


def test_an_old_page_survives_a_write_that_fails(table, tmp_path):
    (tmp_path / "r.html").mkdir()
    with open_source(table(heard())) as source, pytest.raises(BadcError, match=r"r\.html"):
        write_page(source, tmp_path / "r.html", Wish())
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_a_clip_is_the_detection_and_half_a_second_around(chunk):
    cut = read_around(chunk, 3000, 6000)
    assert cut is not None
    assert len(cut.samples) == 4 * RATE_HZ
    assert (cut.begin_s, cut.end_s) == (0.5, 3.5)
    loud = np.abs(cut.samples) > 0.01
    assert loud[: RATE_HZ // 2 - 10].sum() == 0
    assert loud[RATE_HZ : 3 * RATE_HZ].mean() > 0.9


def test_a_clip_at_the_edge_of_its_chunk_is_shorter(chunk):
    cut = read_around(chunk, 0, 1000)
    assert cut is not None
    assert (len(cut.samples), cut.begin_s, cut.end_s) == (1.5 * RATE_HZ, 0.0, 1.0)


@pytest.mark.parametrize("begin_ms", [60_000, 10**15])
def test_a_detection_beyond_its_chunk_has_no_clip(chunk, begin_ms):
    assert read_around(chunk, begin_ms, begin_ms + 3000) is None


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 5000, b"recording_id,chunk_id\n"])
def test_what_is_no_audio_has_no_clip(tmp_path, content):
    path = tmp_path / "c1.wav"
    path.write_bytes(content)
    assert read_around(path, 0, 1000) is None


def test_chunks_are_found_where_the_table_says_or_below_the_roots(chunk, tmp_path):
    key = ("R", "c1")
    assert find_chunk("chunks/R/c1.wav", str(tmp_path), key, ()) == chunk
    assert find_chunk(str(chunk), None, key, ()) == chunk
    assert find_chunk("/gone/c1.wav", None, key, ()) is None
    for root in (tmp_path / "chunks", tmp_path / "chunks" / "R"):
        assert find_chunk("/gone/c1.wav", None, key, (root,)) == root / chunk.relative_to(root)
    assert find_chunk(None, None, key, (tmp_path / "chunks" / "R",)) == chunk
    assert find_chunk("a\0b" + "x" * 5000, None, key, (tmp_path,)) is None


def test_a_clip_can_be_heard(table, chunk, tmp_path):
    path = table(heard("A", 3000, source_path="old/place/c1.wav"))
    page, elements = page_of(path, tmp_path / "r.html", chunk_roots=(chunk.parent,))
    assert page.clips == 1
    (audio,) = elements.all("audio")
    content = base64.b64decode(audio["src"].partition(",")[2])
    samples, rate = soundfile.read(io.BytesIO(content))
    assert len(samples) / rate == pytest.approx(4.0, abs=0.2)
    assert np.abs(samples).max() > 0.4


def test_resampling_keeps_the_tone():
    tone = np.sin(2 * np.pi * 3000 * np.arange(96_000) / 96_000).astype("float32")
    for rate in (24_000, 48_000):
        other = resampled(tone, 96_000, rate)
        assert len(other) == rate
        assert np.argmax(np.abs(np.fft.rfft(other))) == 3000
        assert np.abs(other).max() == pytest.approx(1, abs=0.01)


def test_listening_is_told_hour_by_hour_over_midnight():
    night = Listening("R", "", 5400, 90, 0, 0, datetime(2026, 5, 10, 23, 45))  # noqa: DTZ001
    unknown = Listening("S", "", 60, 1, 0, 0, None)
    hours = by_hour([night, unknown])
    assert {hour: seconds for hour, seconds in enumerate(hours) if seconds} == {
        23: 900,
        0: 3600,
        1: 900,
    }


def test_words_are_those_of_people():
    assert [clock(ms) for ms in (0, 65_300, 3_725_000, -1500)] == [
        "0:00.0",
        "1:05.3",
        "1:02:05.0",
        "-0:01.5",
    ]
    assert [duration(s) for s in (0, 90, 4320, 9000, 7.2e6)] == [
        "0 s",
        "90 s",
        "72 min",
        "2.5 h",
        "2,000 h",
    ]
    assert days(date(2026, 5, 3), date(2026, 5, 9)) == f"3{DASH}9 May 2026"
    assert days(date(2026, 4, 28), date(2026, 5, 3)) == f"28 Apr {DASH} 3 May 2026"
    assert days(date(2025, 12, 31), date(2026, 1, 1)) == f"31 Dec 2025 {DASH} 1 Jan 2026"


def test_a_long_table_has_a_small_page(tmp_path):
    path = tmp_path / "long.parquet"
    duckdb.execute(
        "COPY (SELECT 'R' || i // 500 AS recording_id, 'c' AS chunk_id, 'label ' || i % 3000"
        " AS label, (i % 500) * 7000 AS absolute_time_ms, (i % 500) * 7000 AS timestamp_ms,"
        " (i % 100) / 100 AS confidence FROM range(100000) AS r(i)) TO $path (FORMAT parquet)",
        {"path": str(path)},
    )
    page, _ = page_of(Path(path), tmp_path / "r.html")
    assert page.detections == 100_000
    assert page.size_bytes < 1_500_000
