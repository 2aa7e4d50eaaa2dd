"""Which program a command line is: by the content of the files that it names."""

import sys

import pytest

from badc.errors import UsageError
from badc.runners.command import CommandRunner
from badc.runners.program_files import named_by_content


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "listen.py"
    path.write_text("print(1)\n")
    return path


def fingerprint(text):
    return CommandRunner.from_text(text).fingerprint()


def test_an_edited_script_is_another_runner(script):
    before = fingerprint("python listen.py --fast")
    assert before == fingerprint("python listen.py --fast")
    script.write_text("print(2)\n")
    assert before != fingerprint("python listen.py --fast")


@pytest.mark.usefixtures("script")
def test_an_edited_program_and_a_file_behind_an_option_count_as_well(tmp_path):
    program, weights = tmp_path / "detect", tmp_path / "weights.bin"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    weights.write_bytes(b"1")
    command = f"{program} --model=weights.bin"
    seen = {fingerprint(command)}
    program.write_text("#!/bin/sh\nexit 1\n")
    seen.add(fingerprint(command))
    weights.write_bytes(b"2")
    seen.add(fingerprint(command))
    assert len(seen) == 3


def test_where_a_file_lies_does_not_count(script, tmp_path, monkeypatch):
    relative = fingerprint("python listen.py")
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    assert fingerprint(f"python {script}") == relative
    assert fingerprint(f"{sys.executable.rpartition('/')[0]}/python {script}") == relative


def test_words_that_are_no_files_stay_as_they_are():
    assert named_by_content(["python", "-m", "birds", "--min=0.5", "no\0file", "x" * 5000]) == [
        "python", "-m", "birds", "--min=0.5", "no\0file", "x" * 5000,
    ]  # fmt: skip
    assert named_by_content(["python3.11", "."]) == ["python3.11", "."]


@pytest.mark.usefixtures("script")
def test_a_script_that_is_not_there_is_refused_before_a_run_begins():
    CommandRunner.from_text("python listen.py").check()
    CommandRunner.from_text("python -m birds x.y").check()
    CommandRunner.from_text("python -c pass").check()
    with pytest.raises(UsageError, match=r"no script lisen\.py"):
        CommandRunner.from_text("python -u lisen.py --fast").check()
