"""A canary: where Dask or Tornado change so that the steady clock no longer takes, it falls silent.

In a process of its own, because the clock is put in place for good.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import distributed

from badc.cluster import SlotsPlugin
from badc.runners.stub import StubRunner
from badc.runs import Assignment

# What reads the wall clock directly and waits for nothing by it: status pages, start times that are
# shown, the log of a cluster's manager, the dates of certificates.
_SHOWN_ONLY = {
    "dashboard", "deploy/cluster.py", "deploy/old_ssh.py", "diagnostics/memory_sampler.py", "http",
    "security.py", "shuffle/_core.py",
}  # fmt: skip
_ITS_OWN = {"metrics.py", "tests", "utils_test.py", "pytest_resourceleaks.py", "_version.py"}
_ROOT = Path(__file__).resolve().parents[3]
_WALL_CLOCKS = {("time", "time"), ("timemod", "time"), ("datetime", "now"), ("datetime", "utcnow")}

_LOOK = """
import asyncio, importlib, inspect, json, sys, time
import distributed
from tornado.ioloop import IOLoop
from badc.cluster.steady_clock import keep_steady_time, steady_time
keep_steady_time()
import distributed.deploy.old_ssh, distributed.shuffle, distributed.nanny, distributed.http
modules = [each for name, each in sys.modules.items() if name.startswith("distributed")]
def defaults(module):
    for owner in [module, *[each for each in vars(module).values() if inspect.isclass(each)]]:
        for each in vars(owner).values():
            if inspect.isfunction(each) and each.__module__ == module.__name__:
                yield each.__qualname__, (*(each.__defaults__ or ()), *(each.__kwdefaults__ or {}).values())
async def loop_s():
    loop = IOLoop.current()
    return type(loop).time is IOLoop.time and abs(loop.time() - steady_time()) < 60
print(json.dumps({
    "modules": len(modules),
    "wall": [f"{m.__name__}.{n}" for m in modules for n, v in vars(m).items() if v is time.time],
    "by default": [n for m in modules for n, values in defaults(m) if time.time in values],
    "batched": distributed.batched.time is steady_time,
    "loop": asyncio.run(loop_s()),
}))
"""  # noqa: E501 - a program


def test_no_module_of_dask_holds_the_wall_clock_once_time_is_kept_steady():
    said = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    assert found.pop("modules") > 60
    assert found == {"wall": [], "by default": [], "batched": True, "loop": True}


def test_no_other_part_of_dask_calls_the_wall_clock_for_a_deadline():
    root = Path(distributed.__file__).parent
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.py")]
    timed = [name for name in names if not {name, name.split("/")[0]} & (_ITS_OWN | _SHOWN_ONLY)]
    assert len(timed) > 60
    assert {name: _wall_calls(root / name) for name in timed if _wall_calls(root / name)} == {}


def test_a_worker_process_keeps_steady_time_once_it_is_made_ready_to_hear(tmp_path):
    assignment = Assignment(StubRunner(), "print", tmp_path, None, None, 0, False, False, 1)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert set(client.run(_clock_of_messages).values()) == {"time"}
        client.register_plugin(SlotsPlugin("run", assignment, ()))
        assert set(client.run(_clock_of_messages).values()) == {"badc.cluster.steady_clock"}


def _clock_of_messages():
    return distributed.batched.time.__module__


def _wall_calls(path):
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if _is_call(node)]
    return [ast.unparse(each) for each in calls if _names(each) in _WALL_CLOCKS]


def _is_call(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def _names(function):
    """``time.time`` as ("time", "time"); of ``datetime.datetime.now`` the last two."""
    owner = function.value
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return last, function.attr


_IMPORTING_MEANWHILE = """
import sys, threading, types
import distributed
from badc.cluster.steady_clock import keep_steady_time

over = threading.Event()
names = [f"imported_meanwhile_{number}" for number in range(5000)]

def churn():
    while not over.is_set():
        for name in names:
            sys.modules[name] = types.ModuleType(name)
        for name in names:
            del sys.modules[name]

sys.setswitchinterval(1e-6)
thread = threading.Thread(target=churn)
thread.start()
try:
    for _ in range(1000):
        keep_steady_time()
finally:
    over.set()
    thread.join()
"""


def test_other_threads_may_import_meanwhile():
    words = [sys.executable, "-c", _IMPORTING_MEANWHILE]
    ended = subprocess.run(words, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
