"""The registry of datasets: read whole or refused, written without losing anything."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from badc.datalad.registry import Registration, read_registry, record, registry_path
from badc.errors import BadcError, UsageError

ENTRY = Registration(Path("/d/a"), "https://host/a", "datalad", "connected", "2026-01-01T00:00:00")
WRITTEN = """\
# mine
title = 'kept'   # as it is

[datasets."b c"]   # by hand
path = '~/b'
note = "do not lose"
method = "git"
url = "old"

[[other]]
x = 1
"""


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return tmp_path / "config" / "data.toml"


def test_what_is_recorded_is_read_back(registry):
    assert read_registry(registry) == {}
    record(registry, "a", ENTRY)
    local = Registration(Path("/d/ö"), None, "git", "disconnected", None)
    record(registry, "ö.1", local)
    assert read_registry(registry) == {"a": ENTRY, "ö.1": local}


def test_what_somebody_wrote_stays_where_it_is(registry):
    registry.parent.mkdir()
    registry.write_text(WRITTEN)
    record(registry, "a", ENTRY)
    record(registry, "b c", Registration(Path("/d/b"), None, "git", "connected", None))
    text = registry.read_text()
    for line in ("# mine\n", "title = 'kept'   # as it is\n", '[datasets."b c"]   # by hand\n'):
        assert line in text
    tables = tomllib.loads(text)
    assert tables["datasets"]["b c"] == {
        "path": "/d/b", "note": "do not lose", "method": "git", "status": "connected",
    }  # fmt: skip
    assert tables["other"] == [{"x": 1}]
    assert set(read_registry(registry)) == {"a", "b c"}


def test_other_ways_to_write_a_table_lose_nothing(registry):
    registry.parent.mkdir()
    registry.write_text("datasets = {b = {path = '/b'}}\n")
    record(registry, "a", ENTRY)
    assert set(read_registry(registry)) == {"a", "b"}
    registry.write_text("datasets.b.path = '/b'\ndatasets.b.x = 1\n[other]\n")
    with pytest.raises(BadcError, match=r"\[datasets.a\] cannot be set without changing"):
        record(registry, "a", ENTRY)
    assert registry.read_text() == "datasets.b.path = '/b'\ndatasets.b.x = 1\n[other]\n"


def test_a_link_to_the_registry_stays_a_link(registry, tmp_path):
    registry.parent.mkdir()
    registry.symlink_to(tmp_path / "dotfiles.toml")
    (tmp_path / "dotfiles.toml").write_text("")
    record(registry, "a", ENTRY)
    assert registry.is_symlink()
    assert set(read_registry(tmp_path / "dotfiles.toml")) == {"a"}


def test_writers_at_the_same_time_lose_no_entry(registry):
    names = [f"d{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:  # the lock is an open file's, not a process's
        list(pool.map(lambda name: record(registry, name, ENTRY), names))
    assert sorted(read_registry(registry)) == sorted(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[datasets.a\n", r"data.toml:1: is not readable as TOML"),
        ("x = 1\n[datasets.a]\npath = a\n", r"data.toml:3: is not readable as TOML"),
        ("datasets = 3\n", r"data.toml:1: datasets is no table"),
        ("[datasets]\na = 3\n", r"data.toml:2: datasets.a is no table"),
        ("\n[datasets.a]\nurl = 'x'\n", r"data.toml:2: \[datasets.a\] lacks its path"),
        ("[datasets.a]\npath = 3\n", r"data.toml:2: path of \[datasets.a\] is no text"),
        ("[datasets.a]\npath = 'p'\nmethod = 'svn'\n", r"data.toml:3: method of .* is 'svn'"),
        ("\n[datasets.a]\npath = '~nobody-here/x'\n", r"data.toml:3: path begins with ~"),
        (b"\xff", r"data.toml:1: is not UTF-8"),
    ],
)
def test_a_broken_registry_is_named_by_line_and_never_written_over(registry, text, said):
    registry.parent.mkdir()
    content = text if isinstance(text, bytes) else text.encode()
    registry.write_bytes(content)
    for use in (lambda: read_registry(registry), lambda: record(registry, "b", ENTRY)):
        with pytest.raises(UsageError, match=said):
            use()
    assert registry.read_bytes() == content


def test_a_registry_that_cannot_be_kept_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadcError, match="cannot be written"):
        record(tmp_path / "file" / "data.toml", "a", ENTRY)
    with pytest.raises(UsageError, match="cannot be read"):
        read_registry(tmp_path)


def test_the_environment_says_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("BADC_DATA_CONFIG", raising=False)
    assert registry_path() == tmp_path / ".config" / "badc" / "data.toml"
    monkeypatch.setenv("BADC_DATA_CONFIG", "~/r.toml")
    assert registry_path() == tmp_path / "r.toml"
