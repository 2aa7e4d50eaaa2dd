"""A real PostgreSQL on this host, in a private folder, reached by a socket in it alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_S = 60.0
_STOP_S = 30.0


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return None if there is None else Path(there).parent


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server with one empty database; yield the address that Prefect takes.

    Raises:
        RuntimeError: it cannot be set up or did not start; the text says why.
    """
    bin_dir = programs()
    if bin_dir is None:
        raise RuntimeError("There is no PostgreSQL here.")
    # Not below pytest's folders: these are closed to other users, and it will not run as root
    with tempfile.TemporaryDirectory(prefix="badc-postgres-") as folder:
        run = Path(folder)
        become = _become(run)
        data = run / "data"
        _call([*become, bin_dir / "initdb", "-D", data, "-U", "badc", "-A", "trust", "--no-sync"])
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={run}"]
        with (run / "log").open("wb") as log:
            server = subprocess.Popen(
                [*become, str(bin_dir / "postgres"), "-D", str(data), *options, "-c", "fsync=off"],
                cwd=run,
                stdout=log,
                stderr=log,
            )
        try:
            _await(bin_dir, run, server)
            _call([bin_dir / "createdb", "-h", run, "-U", "badc", "prefect"])
            yield f"postgresql+asyncpg://badc@/prefect?host={run}"
        finally:
            server.send_signal(2)  # ends connections, and itself in good order
            try:
                server.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _become(run: Path) -> list[str]:
    """Return what makes a command run as somebody else than root, who then owns ``run``."""
    if os.getuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    os.chown(run, nobody.pw_uid, nobody.pw_gid)
    run.chmod(0o755)
    ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}"]
    return ["setpriv", *ids, "--clear-groups", "--pdeathsig", "INT"]


def _await(bin_dir: Path, run: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    ready = [str(bin_dir / "pg_isready"), "-q", "-h", str(run)]
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            last = (run / "log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"PostgreSQL did not start:\n{last}")
        time.sleep(0.1)


def _call(words: list[object]) -> None:
    command = [str(word) for word in words]
    ended = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"{command}: {ended.stderr}")
