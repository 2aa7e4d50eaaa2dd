import json
import threading

import pytest

from badc.errors import BadcError, UsageError
from badc.telemetry import Event, LogFollower, LogWriter, refuse_if_written, timestamp


def event(chunk: str, **details: object) -> Event:
    return Event("REC", chunk, "cpu-0", "success", timestamp(), runtime_s=0.5, details=details)


def line(chunk: str) -> bytes:
    return json.dumps(event(chunk).to_json()).encode() + b"\n"


def chunks(follower: LogFollower) -> list[str]:
    return [each.chunk_id for each in follower.new_events()]


def test_what_is_written_is_read_back(tmp_path):
    written = event("c0", output="ö\n\udce9", gpu_metrics={"before": None})
    with LogWriter(tmp_path / "new" / "x.jsonl") as log:
        log.write(written)
    assert list(LogFollower(log.path).new_events()) == [written]


def test_a_follower_goes_on_where_it_ended_and_waits_for_a_torn_line(tmp_path):
    path = tmp_path / "x.jsonl"
    follower = LogFollower(path)
    assert chunks(follower) == []
    path.write_bytes(line("c0") + line("c1")[:20])
    assert chunks(follower) == ["c0"]
    assert chunks(follower) == []
    with path.open("ab") as stream:
        stream.write(line("c1")[20:] + line("c2"))
    assert chunks(follower) == ["c1", "c2"]


def test_a_log_that_became_shorter_is_read_afresh(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0") + line("c1"))
    follower = LogFollower(path)
    assert chunks(follower) == ["c0", "c1"]
    path.write_bytes(line("c9"))
    assert chunks(follower) == ["c9"]


@pytest.mark.parametrize(
    "strange",
    [
        b"\n",
        b"\0" * 50 + b"\n",
        b"\xff\n",
        b"[]\n",
        b"3\n",
        b'{"status": "success"}\n',
        b'{"status": ["x"], "chunk_id": "c"}\n',
        b"[" * 100_000 + b"\n",
        b"9" * 5000 + b"\n",
        b"\r\n",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_a_strange_line_costs_only_itself(tmp_path, strange):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0") + strange + line("c1"))
    assert chunks(LogFollower(path)) == ["c0", "c1"]


def test_lines_longer_than_one_read_are_whole(tmp_path):
    path = tmp_path / "x.jsonl"
    with LogWriter(path) as log:
        log.write(event("c0", stdout="x" * 3_000_000))
        log.write(event("c1"))
    assert chunks(LogFollower(path)) == ["c0", "c1"]


def test_a_writer_ends_the_line_that_a_killed_one_left_torn(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0") + b'{"torn')
    with LogWriter(path) as log:
        log.write(event("c1"))
    assert path.read_bytes().count(b"\n") == 3
    assert chunks(LogFollower(path)) == ["c0", "c1"]


def test_events_from_many_threads_are_whole_lines_and_late_ones_are_dropped(tmp_path):
    log = LogWriter(tmp_path / "x.jsonl")

    def write(number: int) -> None:
        for turn in range(50):
            log.write(event(f"{number}-{turn}", stdout="x" * 500))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    log.write(event("late"))
    assert len(set(chunks(LogFollower(log.path)))) == 200


@pytest.mark.parametrize("name", ["folder", "file/x.jsonl"])
def test_a_log_that_cannot_be_opened_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(BadcError, match="--telemetry-log"):
        LogWriter(tmp_path / name)


def test_a_log_has_one_writer_and_none_is_left_behind(tmp_path):
    path = tmp_path / "x.jsonl"
    with LogWriter(path) as log:
        log.write(event("c0"))
        with pytest.raises(UsageError, match="is being written by another run"):
            LogWriter(path)
        with pytest.raises(UsageError, match=r"--log: .*x\.jsonl"):
            refuse_if_written(path, "--log")
    refuse_if_written(path, "--log")
    with LogWriter(path) as log:
        log.write(event("c1"))
    assert chunks(LogFollower(path)) == ["c0", "c1"]


def test_only_a_failure_without_a_pause_gives_a_chunk_up():
    def failure(**details: object) -> Event:
        return Event("REC", "c", "cpu-0", "failure", timestamp(), details=details)

    assert failure(backoff_s=None).gives_up
    assert not failure(backoff_s=2.0).gives_up
    assert not failure(interrupted=True).gives_up
    assert not event("c").gives_up
