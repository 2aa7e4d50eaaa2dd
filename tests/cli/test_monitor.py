"""``badc infer monitor`` and ``badc telemetry`` as a user types them."""

import json
import re
import signal
import time

import pytest

from badc.telemetry import Event, LogWriter
from badc.telemetry.rows import EVENT_COLUMNS, WORKER_COLUMNS

AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture
def log(tmp_path):
    """A log of twelve chunks, with a torn last line."""
    path = tmp_path / "data" / "telemetry" / "infer" / "log.jsonl"
    with LogWriter(path) as writer:
        for number in range(12):
            chunk = f"REC_20260608_023000_chunk_{number * 60000}_{number * 60000 + 60000}"
            worker = f"cpu-{number % 2}"
            writer.write(
                Event("REC", chunk, worker, "success", AT, AT, 1.5, details={"attempt": 2})
            )
    with path.open("ab") as stream:
        stream.write(b'{"chunk_id": "torn')
    return path


def test_piped_it_is_plain_text_with_every_column_whole(offline_badc, log):
    ended = offline_badc("infer", "monitor", "--tail", 3, TERM="xterm-256color", COLUMNS="40")
    assert (ended.code, ended.err) == (0, "")
    assert "\x1b" not in ended.out
    title, heads, *workers = ended.out.split("\n\n")[0].splitlines()
    assert title == f"Workers of {log.relative_to(offline_badc.folder)}"
    assert re.split(r"  +", heads) == list(WORKER_COLUMNS)
    assert [line.split()[:6] for line in workers] == [
        ["cpu-0", "6", "6", "0", "6", "0"],
        ["cpu-1", "6", "6", "0", "6", "0"],
    ]
    _, heads, *events = ended.out.split("\n\n")[1].splitlines()
    assert re.split(r"  +", heads) == list(EVENT_COLUMNS)
    assert len(events) == 3
    assert "REC/REC_20260608_023000_chunk_660000_720000" in events[-1]


def test_a_log_is_shown_without_importing_anything_heavy(offline_badc, log):
    for words in (["infer", "monitor"], ["telemetry"]):
        ended = offline_badc(*words, "--log", log, PYTHONPROFILEIMPORTTIME="1")
        loaded = set(re.findall(r"\| +(\w+)$", ended.err, re.MULTILINE))
        assert "json" in loaded
        assert loaded.isdisjoint({"prefect", "dask", "distributed", "duckdb", "pandas"})


def test_a_terminal_that_knows_no_bars_shows_the_rest(offline_badc, log):
    ended = offline_badc("infer", "monitor", "--log", log, PYTHONIOENCODING="ascii")
    assert (ended.code, ended.err) == (0, "")
    assert "REC/REC_20260608_023000_chunk_660000_720000" in ended.out


def test_telemetry_prints_the_last_ten_records_plainly(offline_badc, log):
    ended = offline_badc("telemetry", "--log", log)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert len(lines) == 10
    assert lines[-1] == (
        "2026-01-01T00:00:00Z  success      cpu-1   REC/REC_20260608_023000_chunk_660000_720000"
        "  1.50 s  attempt 2"
    )
    assert offline_badc("telemetry").out == ended.out


def test_piped_it_follows_a_log_that_comes_later_and_ends_well_on_ctrl_c(offline_badc, tmp_path):
    path = tmp_path / "later.jsonl"
    process = offline_badc.start(
        "infer", "monitor", "--log", path, "--follow", "--interval", 0.1, PYTHONUNBUFFERED="1"
    )
    assert "Waiting for" in process.stderr.readline()
    with LogWriter(path) as writer:
        for chunk in ("c0", "c1"):
            writer.write(Event("REC", chunk, "cpu-0", "success", AT, AT, 1.5))
            while f"REC/{chunk}" not in process.stdout.readline():
                pass
            time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=180)
    assert (process.returncode, err) == (0, "")


REFUSED = {
    "no log": (["infer", "monitor"], "data/telemetry/infer/log.jsonl: no such telemetry log."),
    "no log to tell of": (["telemetry", "--log", "x.jsonl"], "x.jsonl: no such telemetry log."),
    "a folder": (["infer", "monitor", "--follow", "--log", "."], ".: is no file."),
    "a tail of none": (["infer", "monitor", "--tail", 0], "Invalid value for '--tail'"),
    "a tail below": (["infer", "monitor", "--tail", -1], "Invalid value for '--tail'"),
    "an interval below": (["infer", "monitor", "--interval", -1], "--interval -1: is no time"),
    "an interval of nothing": (["infer", "monitor", "--interval", 0], "--interval 0: is no time"),
    "no number": (["infer", "monitor", "--interval", "nan"], "--interval nan: is no time"),
    "both": (["infer", "monitor", "--log", "x", "--run", "y"], "--log and --run exclude"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_shown_is_refused_in_one_line(offline_badc, words, said):
    ended = offline_badc(*words)
    assert ended.code == 2
    assert ended.out == ""
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert said in line


def test_a_log_without_any_event_says_so(offline_badc, tmp_path):
    (tmp_path / "x.jsonl").write_text(json.dumps([]) + "\n")
    for words in (["infer", "monitor"], ["telemetry"]):
        ended = offline_badc(*words, "--log", "x.jsonl")
        assert (ended.code, ended.out, ended.err) == (0, "x.jsonl: no events yet.\n", "")
