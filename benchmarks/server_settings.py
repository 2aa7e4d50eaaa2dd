"""What a Prefect server costs by its settings: each that BADC ships, alone, and all together.

The same stub chunks by ``badc infer run`` against a fresh server each time. Processor time is the
server's, from the run's start until the server has written everything down, less what it uses with
nothing to do, by the task run; how long that went on after the run had ended stands beside it.
BENCH_SERVER_CHUNKS sets how many.
"""

import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._runs import hear, stub_manifest
from benchmarks._scale import scaled
from benchmarks._server import running_server
from benchmarks._spent import ROOT
from flows.settings import TEMPORARY_SERVER

_CHUNKS = scaled("BENCH_SERVER_CHUNKS", 500, 50)
_SERVER = "PREFECT_SERVER_"
_ANALYTICS = "PREFECT_SERVER_ANALYTICS_ENABLED"  # off everywhere here; benchmarks report to nobody
# Prefect's own, in place of those that tools/prefect_server.py makes.
_DEFAULTS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "5",
}


def measure() -> list[Row]:
    """Return what each set of settings costs, and how long the server owes something."""
    shipped = _profile() | TEMPORARY_SERVER
    sets = {
        "Prefect's defaults": {},
        **{_short(name, value): {name: value} for name, value in shipped.items()},
        "deployments/profiles.toml": _profile(),
        "the temporary server's": TEMPORARY_SERVER,
    }
    rows: list[Row] = []
    for name, settings in sets.items():
        cost_ms, owed_s = _cost(settings)
        usual_ms = rows[0].figure if rows else cost_ms
        beside = f"{cost_ms / usual_ms:.2f} of the defaults; {owed_s:.0f} s after the run's end"
        rows.append(Row(name, cost_ms, "CPU ms a task run", beside))
    return rows


def _cost(settings: Mapping[str, str]) -> tuple[float, float]:
    with bench_folder() as folder:
        manifest = stub_manifest(folder / "chunks", _CHUNKS)
        with running_server(folder, _DEFAULTS | dict(settings)) as server:
            idle, before_s, began_s = server.idle_rate(), server.cpu_s(), time.monotonic()
            hear(manifest, folder / "run", server.environment)
            owed_s = server.settle()
            used_s = server.cpu_s() - before_s - idle * (time.monotonic() - began_s)
            return 1000 * used_s / _CHUNKS, owed_s


def _profile() -> dict[str, str]:
    """Return what the workstation's profile says of the server."""
    text = Path(ROOT, "deployments", "profiles.toml").read_text(encoding="utf-8")
    profile: dict[str, str] = tomllib.loads(text)["profiles"]["workstation"]
    return {
        name: value
        for name, value in profile.items()
        if name.startswith(_SERVER) and name != _ANALYTICS
    }


def _short(name: str, value: str) -> str:
    name = name.removeprefix(f"{_SERVER}SERVICES_").removeprefix(_SERVER)
    return f"{name}={value.rpartition('.')[2]} alone"
