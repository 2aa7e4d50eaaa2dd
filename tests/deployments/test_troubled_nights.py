"""Nights that go wrong: overlapping, broken off, asked for badly, or with a broken recording."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tools.private_postgres import programs

# Where there is PostgreSQL: on a busy machine SQLite's locks are one trouble too many
pytestmark = [
    pytest.mark.parametrize("site", ["postgresql" if programs() else "sqlite"], indirect=True),
    pytest.mark.timeout(900),
]

_CUT = {"chunk_duration_s": 1, "settle_s": 0}
_RUNNER = """\
import pathlib, sys, time
audio = pathlib.Path(sys.argv[sys.argv.index("--input") + 1])
answer = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
with open({starts!r}, "a") as starts:
    starts.write(audio.stem + "\\n")
while "_1000_" in audio.stem and not pathlib.Path({gate!r}).exists():
    time.sleep(0.1)
answer.write_text("[]")
"""


def _recording(dataset: Path, name: str, seconds: int) -> None:
    path = dataset / "audio" / name
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.zeros(8000 * seconds), 8000, subtype="PCM_16")


def test_wrong_parameters_are_refused_before_there_is_a_run(site, refused):
    for deployment, parameters, said in (
        ("orchestrate/nightly", {"request": {"runner": "owl"}}, "'owl' is not one of"),
        ("orchestrate/nightly", {"cut": {"workers": 0}}, "0 is less than the minimum of 1"),
        ("infer/infer", {"request": {}}, "'manifest' is a required property"),
    ):
        with pytest.raises(refused, match=said):
            site.ask(deployment, parameters)


def test_a_broken_recording_fails_the_night_by_name_and_people_are_told_once(site, tmp_path):
    _recording(tmp_path, "whole.wav", 2)
    (tmp_path / "audio" / "broken.wav").write_bytes(b"RIFF")
    told = len(site.messages)
    request = {"dataset": str(tmp_path), "runner": "stub"}
    run = site.ended(site.night(request, _CUT))
    assert run["state"]["type"] == "FAILED"
    assert "1 of 2 recordings" in run["state"]["message"]
    assert "are not finished: broken." in run["state"]["message"]
    assert len(list((tmp_path / "artifacts" / "infer" / "whole").glob("*.json"))) == 2
    assert (tmp_path / "artifacts" / "aggregate" / "detections.csv").is_file()
    site.until(lambda: len(site.messages) > told)

    (tmp_path / "audio" / "broken.wav").unlink()
    _recording(tmp_path, "broken.wav", 1)
    again = site.ended(site.night(request, _CUT))
    assert again["state"]["type"] == "COMPLETED", site.log(again["id"])
    # A busy server may repeat itself, word by word; it must say nothing else
    (message,) = set(site.messages[told:])
    assert message.startswith(f"BADC: nightly run {run['name']} Failed")
    assert f"are not finished: broken. The first: {tmp_path / 'audio' / 'broken.wav'}: " in message
    assert run["id"] in message


def test_nights_wait_for_each_other_and_one_that_is_broken_off_is_taken_up(site, tmp_path):
    _recording(tmp_path, "rec.wav", 3)
    starts, gate = tmp_path / "starts", tmp_path / "gate"
    script = tmp_path / "runner.py"
    script.write_text(_RUNNER.format(starts=str(starts), gate=str(gate)))
    command = f"{sys.executable} {script}"
    request = {"dataset": str(tmp_path), "runner": "command", "runner_cmd": command}
    log = tmp_path / "artifacts" / "telemetry" / "infer" / "rec.jsonl"
    first = site.night(request, _CUT)
    site.until(lambda: starts.exists() and "_1000_" in starts.read_text())
    second = site.night(request, _CUT)
    site.until(lambda: site.run(second)["state"]["name"] == "AwaitingConcurrencySlot")

    site.stop_worker()
    assert site.ended(first)["state"]["type"] == "CRASHED"
    jobs = json.loads(log.with_name("rec.jsonl.summary.json").read_text())["jobs"]
    assert [job["status"] for job in jobs.values()] == ["success", "pending", "pending"]
    assert json.loads(log.read_text().splitlines()[-1])["details"]["interrupted"]
    assert site.run(second)["state"]["type"] == "SCHEDULED"

    gate.touch()
    site.start_worker()
    assert site.ended(second)["state"]["type"] == "COMPLETED", site.log(second)
    chunks = [
        "rec_chunk_0_1000",
        "rec_chunk_1000_2000",
        "rec_chunk_1000_2000",
        "rec_chunk_2000_3000",
    ]
    assert sorted(starts.read_text().split()) == chunks
