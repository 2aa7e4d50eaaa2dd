import sys
import threading
import time
from pathlib import Path

import pytest

from badc.errors import RunStoppedError
from badc.process import ProcessDoor, ProgramMissingError
from badc.tail import TAIL_BYTES


def python(lines: str) -> list[str]:
    return [sys.executable, "-S", "-c", lines]


def gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def soon(condition, limit_s: float = 60) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_child_s_words_and_status_come_back():
    ended = ProcessDoor().run(
        python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "out\n", "err\n")
    assert not ended.timed_out


def test_the_time_limit_ends_the_child_and_all_that_it_started(tmp_path):
    pids = tmp_path / "pids"
    lines = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(600)"
    )
    ended = ProcessDoor().run(python(lines), timeout_s=3)
    assert ended.timed_out
    assert ended.returncode < 0
    assert all(soon(lambda pid=pid: gone(int(pid))) for pid in pids.read_text().split())


def test_a_child_deaf_to_sigterm_is_killed():
    door = ProcessDoor()
    process = door.start(["sh", "-c", "trap '' TERM; echo ready; sleep 600; sleep 600"])
    assert process.stdout.readline() == b"ready\n"
    assert door.end(process) == -9


def test_a_grandchild_that_holds_the_pipe_is_not_waited_for():
    lines = "import subprocess; subprocess.Popen(['sleep', '600']); print('done')"
    began = time.monotonic()
    ended = ProcessDoor().run(python(lines))
    assert (ended.returncode, ended.stdout) == (0, "done\n")
    assert time.monotonic() - began < 300


def test_of_a_chatty_child_only_the_end_is_kept():
    lines = "import sys\nfor n in range(40000): print(n, 'x' * 40)\nsys.stderr.write('y' * 300000)"
    ended = ProcessDoor().run(python(lines))
    assert len(ended.stdout) == len(ended.stderr) == TAIL_BYTES
    assert ended.stdout.endswith("39999 " + "x" * 40 + "\n")


def test_bytes_that_are_no_text_are_replaced():
    ended = ProcessDoor().run(python(r"import os; os.write(1, b'caf\xe9 \x00\xff')"))
    assert ended.stdout == "caf\ufffd \0\ufffd"


def test_a_limit_of_many_weeks_is_a_limit():
    assert ProcessDoor().run(["true"], timeout_s=1e12).returncode == 0
    assert ProcessDoor().run(["sleep", "0.05"], timeout_s=3e6).returncode == 0


@pytest.mark.parametrize(
    "command", [["/no/such/program"], ["/etc/passwd"], ["/"], ["true", "\0"], [""]], ids=repr
)
def test_what_cannot_be_started_is_named(command):
    with pytest.raises(ProgramMissingError, match="cannot be started"):
        ProcessDoor().run(command)


def test_a_file_that_is_no_program_is_named(tmp_path):
    script = tmp_path / "runner"
    script.write_text("no shebang\n")
    script.chmod(0o755)
    with pytest.raises(ProgramMissingError, match="Exec format error"):
        ProcessDoor().run([str(script)])


def test_closing_from_another_thread_ends_the_child_and_lets_nothing_through(tmp_path):
    door, ready, said = ProcessDoor(), tmp_path / "ready", []

    def run() -> None:
        try:
            door.run(python(f"import time; open({str(ready)!r}, 'w'); time.sleep(60)"))
        except RunStoppedError as stopped:
            said.append(str(stopped))

    thread = threading.Thread(target=run)
    thread.start()
    assert soon(ready.exists)
    door.close()
    thread.join(60)
    assert said
    assert door.closed
    with pytest.raises(RunStoppedError):
        door.run(["true"])


def test_no_descriptor_is_left_open():
    door = ProcessDoor()
    door.run(["true"])
    before = open_descriptors()
    for _ in range(5):
        door.run(["true"])
    assert open_descriptors() == before
