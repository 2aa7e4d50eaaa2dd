"""What a slot expects, and files that are read ahead of their turn."""

import os
from pathlib import Path

from badc.manifest import Chunk, ChunkKey
from badc.runners.expected import Expected
from badc.runners.reading_ahead import ReadingAhead


def _chunks(folder: Path, names: str) -> list[Chunk]:
    return [Chunk(ChunkKey("REC", name), name, folder / name) for name in names]


def test_chunks_are_expected_until_their_turn_or_that_of_a_later_one(tmp_path):
    a, b, c, d = _chunks(tmp_path, "abcd")
    expected = Expected()
    assert expected.after(a) == ()
    expected.tell([a, b, c, d])
    assert expected.after(a) == (b, c, d)
    assert expected.after(a) == ()  # again, after a failure
    assert expected.after(c) == (d,)
    assert expected.after(b) == ()
    expected.tell([b])
    assert expected.after(d) == ()
    assert expected.after(b) == ()


def test_files_that_cannot_be_read_ahead_trouble_nobody(tmp_path):
    gone, pipe, folder, file, odd = _chunks(tmp_path, "abcde")
    os.mkfifo(pipe.path)
    folder.path.mkdir()
    file.path.write_bytes(b"sound")
    odd = Chunk(odd.key, "nul", Path("a\0b"))
    reading = ReadingAhead()
    for chunk in (gone, pipe, folder, file, odd):
        reading.begin((chunk,))
        reading._asking.join(60)
        assert not reading._asking.is_alive()
    reading.begin(())
