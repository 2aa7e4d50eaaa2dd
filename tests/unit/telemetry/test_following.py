import json
import os

import pytest

from badc.telemetry import Event, LogFollower, LogView, last_events
from badc.telemetry.following import LONGEST_LINE_BYTES


def line(chunk: str, worker: str = "cpu-0", **details: object) -> bytes:
    at = "2026-01-01T00:00:00.000+00:00"
    event = Event("REC", chunk, worker, "success", at, at, 0.5, details=details)
    return json.dumps(event.to_json()).encode() + b"\n"


def chunks(follower: LogFollower) -> list[str]:
    return [each.chunk_id for each in follower.new_events()]


def put(path, content: bytes) -> None:
    """Replace a log the way rotation does: another file takes its name."""
    fresh = path.with_name("fresh")
    fresh.write_bytes(content)
    os.replace(fresh, path)  # noqa: PTH105 - the system's own words for it


def put_where_it_is(path, content: bytes) -> None:
    """Replace a log's content and keep the file, as 'copytruncate' does."""
    with path.open("r+b") as stream:
        stream.truncate()
        stream.write(content)


@pytest.mark.parametrize("replace", [put, put_where_it_is])
@pytest.mark.parametrize("fresh", [1, 2, 5], ids=["shorter", "of the same size", "longer"])
def test_another_log_in_its_place_is_read_from_its_beginning(tmp_path, replace, fresh):
    path = tmp_path / "x.jsonl"
    told = []
    follower = LogFollower(path, started_over=lambda: told.append("again"))
    path.write_bytes(line("a0") + line("a1"))
    assert chunks(follower) == ["a0", "a1"]
    replace(path, b"".join(line(f"b{number}") for number in range(fresh)))
    assert chunks(follower) == [f"b{number}" for number in range(fresh)]
    assert chunks(follower) == []
    assert told == ["again"]


def test_a_log_that_was_away_for_a_while_is_gone_on_with(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0"))
    follower = LogFollower(path)
    assert chunks(follower) == ["c0"]
    away = path.rename(tmp_path / "away")
    assert chunks(follower) == []
    away.rename(path)
    with path.open("ab") as stream:
        stream.write(line("c1"))
    assert chunks(follower) == ["c1"]


def test_a_view_forgets_the_log_that_was_replaced(tmp_path):
    path = tmp_path / "x.jsonl"
    view = LogView(path, tail=3)
    assert view.look() is None
    path.touch()
    assert view.look() == ([], [])
    path.write_bytes(line("a0", "gpu-0") + line("a1", "gpu-1"))
    assert [row["GPU"] for row in view.look().workers] == ["gpu-0", "gpu-1"]
    put(path, b"".join(line(f"b{number}", "cpu-0") for number in range(5)))
    workers, events = view.look()
    assert [(row["GPU"], row["Success"]) for row in workers] == [("cpu-0", 5)]
    assert [row["Chunk"] for row in events] == ["REC/b2", "REC/b3", "REC/b4"]
    put(path, b"")
    assert view.look() == ([], [])


def test_the_last_line_counts_once_when_it_is_whole_but_for_its_end(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0") + line("c1").rstrip())
    follower = LogFollower(path)
    assert chunks(follower) == ["c0", "c1"]
    with path.open("ab") as stream:
        stream.write(b"\n" + line("c2"))
    assert chunks(follower) == ["c2"]


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_line_too_long_to_be_an_event_is_passed_over_also_bit_by_bit(tmp_path, pieces):
    path = tmp_path / "x.jsonl"
    path.write_bytes(line("c0") + b'{"chunk_id": "')
    follower = LogFollower(path)
    assert chunks(follower) == ["c0"]
    for _ in range(pieces):
        with path.open("ab") as stream:
            stream.write(b"x" * (LONGEST_LINE_BYTES + 5_000_000))
        assert chunks(follower) == []
    with path.open("ab") as stream:
        stream.write(b'", "status": "success"}\n' + line("c1") + b"\xff\xfe\n" + line("c2"))
    assert chunks(follower) == ["c1", "c2"]
    assert [event.chunk_id for event in last_events(path, 9)] == ["c0", "c1", "c2"]


def test_many_lines_added_at_once_are_all_seen(tmp_path):
    path = tmp_path / "x.jsonl"
    view = LogView(path, tail=1)
    path.write_bytes(line("c0"))
    view.look()
    with path.open("ab") as stream:
        stream.write(line("c1") * 100_000)
    (row,) = view.look().workers
    assert row["Success"] == 100_001


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30])
def test_the_last_events_are_the_last_lines_that_are_some(tmp_path, count):
    path = tmp_path / "x.jsonl"
    lines = [line(f"c{number}", stdout="x" * 300_000) for number in range(count)]
    path.write_bytes(b"\xff\n".join(lines) + b"{torn")
    found = [event.chunk_id for event in last_events(path, 10)]
    assert found == [f"c{number}" for number in range(count)][-10:]


def test_the_last_events_of_a_log_larger_than_memory_are_read_from_its_end(tmp_path):
    path = tmp_path / "x.jsonl"
    with path.open("wb") as stream:
        stream.truncate(1 << 36)  # a hole: it takes no room
        stream.seek(0, 2)
        stream.write(b"\n" + b"".join(line(f"c{number}") for number in range(12)))
    assert len(last_events(path, 10)) == 10
