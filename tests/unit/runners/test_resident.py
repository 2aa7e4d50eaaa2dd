"""A model process: its time limit, its crashes, its end."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from badc.errors import AttemptError, OutOfTimeError, RunStoppedError
from badc.hardware import Slot
from badc.process import ProcessDoor
from badc.runners.protocol import Desk
from badc.runners.resident import Resident


@pytest.fixture
def desk(tmp_path: Path):
    door = ProcessDoor()
    yield Desk(Slot("cpu-3"), door, tmp_path)
    door.close()


@pytest.fixture
def resident(desk: Desk):
    found = Resident.of_module(desk, "tests.unit.runners.sleeper", [])
    yield found
    found.close()


def test_one_process_answers_many_questions_and_stray_prints_do_no_harm(resident):
    answers = [resident.ask({"do": "answer"}, 20) for _ in range(3)]
    assert len({answer["pid"] for answer in answers}) == 1
    assert answers[0]["slot"] == "cpu-3"
    assert resident.said == "a stray line on standard output\n"  # of the last question only


def test_a_hung_model_is_ended_in_time_and_the_next_question_starts_another(resident):
    first = resident.ask({"do": "answer"}, 20)["pid"]
    began = time.monotonic()
    with pytest.raises(OutOfTimeError, match=r"ended after 0\.3 s"):
        resident.ask({"do": "sleep", "s": 600}, 0.3)
    assert time.monotonic() - began < 300
    assert not psutil.pid_exists(first)
    assert resident.ask({"do": "answer"}, 20)["pid"] != first


@pytest.mark.parametrize(
    ("order", "how"),
    [
        ("exit", "exit status 7"),
        ("crash", "by signal 11"),
        ("killed", "by signal 9.* Memory may have run out"),
    ],
)
def test_a_model_that_dies_fails_the_attempt_and_is_replaced(resident, order, how):
    with pytest.raises(AttemptError, match=how) as caught:
        resident.ask({"do": order}, 20)
    if order == "exit":
        assert "last words \ufffd" in caught.value.stderr_tail
        assert caught.value.returncode == 7
    assert resident.ask({"do": "answer"}, 20)["pid"]


def test_what_a_model_started_ends_with_it(resident):
    grandchild = psutil.Process(resident.ask({"do": "child"}, 20)["pid"])
    resident.close()
    grandchild.wait(5)
    assert not grandchild.is_running()


def test_a_model_that_cannot_be_loaded_says_why(desk):
    with pytest.raises(AttemptError, match="RuntimeError: the weights are missing"):
        Resident.of_module(desk, "tests.unit.runners.sleeper", ["--broken"]).open()


def test_a_module_that_is_not_there_fails_the_attempt_with_its_stderr(desk):
    with pytest.raises(AttemptError, match="exit status 1") as caught:
        Resident.of_module(desk, "tests.unit.runners.no_such_module", []).open()
    assert "No module named" in caught.value.stderr_tail


@pytest.mark.parametrize("close", ["door", "resident"])
def test_closing_from_another_thread_ends_a_question_at_once(resident, desk, close):
    resident.open()
    end = desk.door.close if close == "door" else resident.close
    timer = threading.Timer(0.3, end)
    timer.start()
    began = time.monotonic()
    with pytest.raises(RunStoppedError):
        resident.ask({"do": "sleep", "s": 600}, 500)
    assert time.monotonic() - began < 300
    timer.join()
    with pytest.raises(RunStoppedError):
        resident.ask({"do": "answer"}, 5)


def test_closing_twice_is_once(resident):
    pid = resident.ask({"do": "answer"}, 20)["pid"]
    resident.close()
    resident.close()
    assert not psutil.pid_exists(pid)


def test_files_where_the_user_works_do_not_stand_in_for_modules(desk, tmp_path, monkeypatch):
    for name in ("json.py", "ctypes.py", "badc.py"):
        (tmp_path / name).write_text("raise SystemExit('a stranger')\n")
    monkeypatch.chdir(tmp_path)
    resident = Resident.of_module(desk, "tests.unit.runners.sleeper", [])
    assert resident.ask({"do": "answer"}, 20)["pid"]
    resident.close()


def _descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_opening_crashing_and_closing_leave_no_descriptor(desk):
    def once() -> None:
        resident = Resident.of_module(desk, "tests.unit.runners.sleeper", [])
        with pytest.raises(AttemptError):
            resident.ask({"do": "exit"}, 20)
        resident.ask({"do": "answer"}, 20)
        resident.close()

    once()
    before = _descriptors()
    for _ in range(3):
        once()
    assert _descriptors() == before


_PARENT = """
import os, signal, sys
from pathlib import Path
from badc.hardware import Slot
from badc.process import ProcessDoor
from badc.runners.protocol import Desk
from badc.runners.resident import Resident
desk = Desk(Slot("cpu-0"), ProcessDoor(), Path())
resident = Resident.of_module(desk, "tests.unit.runners.sleeper", [])
print(resident.ask({"do": "answer"}, 20)["pid"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # not everywhere is one reaped
    except psutil.NoSuchProcess:
        return False


def test_a_model_ends_by_itself_when_its_parent_was_killed():
    ended = subprocess.run(
        [sys.executable, "-c", _PARENT], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 60
    while _runs(int(ended.stdout)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(int(ended.stdout))
