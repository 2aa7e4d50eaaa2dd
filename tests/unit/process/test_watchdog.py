"""What a process leaves behind that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_PARENT = """
import sys, time
from pathlib import Path
from badc import watchdog
from badc.process import ProcessDoor
folder, foreign = Path(sys.argv[1]), int(sys.argv[2])
door = ProcessDoor(watched=True)
assert door.run(["true"]).returncode == 0
for name in ("kept", "taken"):
    (folder / name).mkdir()
    (folder / name / "file").touch()
    watchdog.guard(folder / name)
watchdog.guard(foreign)
watchdog.release(foreign)
watchdog.release(folder / "kept")
astray = "import os; os.fork() and os._exit(0); os.setsid(); print(os.getpid(), flush=True)"
astray = [sys.executable, "-S", "-c", astray + "; import time; time.sleep(600)"]
print(door.start(astray).stdout.readline().decode().strip(), end=" ", flush=True)
runner = "trap '' TERM; sleep 600 & echo $! $$; wait; sleep 600"
print(door.start(["sh", "-c", runner]).stdout.readline().decode(), flush=True)
time.sleep(600)
"""


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_what_a_killed_process_had_under_way_is_ended_and_nothing_else(tmp_path):
    foreign = subprocess.Popen(["sleep", "600"], start_new_session=True)
    words = [sys.executable, "-c", _PARENT, str(tmp_path), str(foreign.pid)]
    parent = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        children = [int(word) for word in parent.stdout.readline().split()]
        assert len(children) == 3
        assert not any(map(_gone, children))
        parent.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 60
        while not all(map(_gone, children)) or (tmp_path / "taken").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (tmp_path / "kept" / "file").exists()
        assert foreign.poll() is None
    finally:
        for process in (parent, foreign):
            process.kill()
            process.communicate()
