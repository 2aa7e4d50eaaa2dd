"""The temporary server's own process; it runs as a script, and imports nothing of BADC.

Prefect's API on a free port of the loopback address, which is printed as the only line. It ends
when its standard input does, and so with whoever started it, even one that was killed.
"""

import os
import signal
import socket
import sys
import threading
import time

_LAST_WRITES_S = 5.0


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LAST_WRITES_S)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until standard input ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    door = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{door.getsockname()[1]}/api\n")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # as Prefect sets them for the server that it would start itself: no pages, no scheduler
    os.environ |= {
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_UI_ENABLED": "0",
    }
    import uvicorn  # noqa: PLC0415 - after the address has been told

    settings = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, log_level="error", lifespan="on"
    )
    uvicorn.Server(settings).run(sockets=[door])


if __name__ == "__main__":
    main()
