"""A resident for tests that does as it is told."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Any

from badc.runners.resident_child import serve


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order."""
    match order["do"]:
        case "answer":
            print("a stray line on standard output")
            return {"pid": os.getpid(), "slot": os.environ["BADC_SLOT"]}
        case "sleep":
            time.sleep(order["s"])
        case "exit":
            sys.stderr.buffer.write(b"last words \xff\n")
            sys.stderr.flush()
            os._exit(7)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            ctypes.string_at(0)
        case "child":
            pid = subprocess.Popen(["sleep", "60"]).pid
            return {"pid": pid}
    return {}


def load() -> Any:
    """Fail where the test asks for it."""
    if "--broken" in sys.argv:
        raise RuntimeError("the weights are missing")
    return obey


serve(load)
