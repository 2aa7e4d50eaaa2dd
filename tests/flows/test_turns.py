"""Which chunks a task run carries, and in which order."""

from pathlib import Path
from uuid import uuid4

from badc.manifest import Chunk, ChunkKey
from badc.runs import BatchSize
from flows.turns import Turn, Turns


def chunks(count):
    return [
        Chunk(ChunkKey("REC", f"c{number}"), f"c{number}.wav", Path(f"c{number}.wav"))
        for number in range(count)
    ]


def names(turn):
    return [chunk.key.chunk_id for chunk in turn.chunks]


def all_turns(turns):
    taken = []
    while (turn := turns.take(2)) is not None:
        taken.append(turn)
    return taken


def test_chunks_come_in_order_in_batches_and_the_last_one_is_smaller():
    taken = all_turns(Turns(chunks(5), BatchSize(2)))
    assert [names(turn) for turn in taken] == [["c0", "c1"], ["c2", "c3"], ["c4"]]
    assert [turn.name for turn in taken] == [
        "REC/c0 … REC/c1 (2 chunks)", "REC/c2 … REC/c3 (2 chunks)", "REC/c4",
    ]  # fmt: skip


def test_what_was_tried_already_goes_first_and_alone():
    first, second, *rest = chunks(5)
    turns = Turns(rest, BatchSize(3))
    again = [Turn((first,), earlier=1, pause_s=2.0), Turn((second,), task_run_id=uuid4())]
    turns.put_back(again)
    taken = all_turns(turns)
    assert taken[:2] == again
    assert [names(turn) for turn in taken[2:]] == [["c2", "c3", "c4"]]


def test_a_batch_that_was_lost_is_not_cut_up_but_a_fresh_chunk_joins_others():
    lost, fresh, *rest = chunks(4)
    turns = Turns(rest, BatchSize(3))
    turns.put_back([Turn((lost, fresh), task_run_id=uuid4()), Turn((lost,))])
    assert [names(turn) for turn in all_turns(turns)] == [["c0", "c1"], ["c0", "c2", "c3"]]
