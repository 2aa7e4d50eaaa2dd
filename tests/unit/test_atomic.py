import os
import stat
import threading

import pytest

from badc.atomic import aside, is_draft, whole_file, write_whole
from badc.errors import BadcError, UsageError


def test_a_file_appears_complete_and_nothing_else_is_left(tmp_path):
    write_whole(tmp_path / "new" / "é.json", "ö")
    assert (tmp_path / "new" / "é.json").read_bytes() == b"\xc3\xb6"
    assert len(list((tmp_path / "new").iterdir())) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "x.json"
    path.write_text("old")

    def fail():
        with whole_file(path) as stream:
            stream.write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["folder", "file/x", "x" * 300])
def test_what_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "folder" / "full").mkdir(parents=True)
    (tmp_path / "file").touch()
    with pytest.raises(BadcError, match="cannot be written"):
        write_whole(tmp_path / name, "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("name", ["x" * 255, "語" * 85, "a" + "é" * 127, "caf\udce9"])
def test_any_name_that_the_system_allows_can_be_written(tmp_path, name):
    write_whole(tmp_path / name, "x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_readers_see_one_of_the_whole_files_of_several_writers(tmp_path):
    path = tmp_path / "x"
    texts = [letter * 50_000 for letter in "abc"]
    write_whole(path, texts[0])

    def write(text: str) -> None:
        for _ in range(10):
            write_whole(path, text)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


def test_text_that_is_not_utf_8_is_refused_and_the_old_file_stands(tmp_path):
    write_whole(tmp_path / "x", "old")
    with pytest.raises(UsageError, match=r"x: cannot be written: 'caf\\udce9' is not UTF-8 text"):
        write_whole(tmp_path / "x", "caf\udce9")
    assert (tmp_path / "x").read_text() == "old"


def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "ours").symlink_to("theirs")
    write_whole(tmp_path / "ours", "ours")
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not (tmp_path / "ours").is_symlink()
    assert (tmp_path / "ours").read_text() == "ours"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_has_the_permissions_that_the_user_gives_new_ones(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "x", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == mode


@pytest.mark.parametrize("name", ["x.json", "x" * 255, "a.b", "new\nline", "caf\udce9"])
def test_a_draft_is_known_by_its_name_and_its_destination_is_none(tmp_path, name):
    assert is_draft(aside(tmp_path / name).name)
    assert not is_draft(name)
    assert not is_draft(f".{name}.tmp")
