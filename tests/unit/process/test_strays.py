"""What leaves its process group does not leave its runner."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from badc.process import ProcessDoor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are read from /proc")

_DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    print(os.getpid(), flush=True)
    time.sleep(600)
os.wait()
time.sleep(600)
"""


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _daemon_of(door: ProcessDoor, environment: dict[str, str] | None = None) -> int:
    process = door.start([sys.executable, "-S", "-c", _DAEMON], env=environment)
    assert process.stdout is not None
    daemon = int(process.stdout.readline())
    assert not _gone(daemon)
    door.end(process)
    return daemon


@pytest.mark.parametrize("environment", [None, {"PATH": os.environ["PATH"]}], ids=["ours", "own"])
def test_a_daemon_ends_with_the_program_that_started_it_and_nobody_else_does(environment):
    door = ProcessDoor(watched=True)
    bystander = door.start(["sleep", "600"])
    daemon = _daemon_of(door, environment)
    assert _gone(daemon)
    assert bystander.poll() is None
    door.end(bystander)


def test_programs_that_are_not_runners_may_leave_daemons():
    daemon = _daemon_of(ProcessDoor())
    time.sleep(0.1)
    assert not _gone(daemon)
    os.kill(daemon, signal.SIGKILL)
