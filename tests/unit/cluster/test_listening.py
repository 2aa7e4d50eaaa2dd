"""What a run on this host opens can be reached from this host alone."""

import json
import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Opens something, then prints the process and address of every socket that it, or a child of it,
# listens at. A script of its own: worker processes import it again.
ON_CLUSTER = """
import json, psutil, sys
from badc.cluster import open_cluster
from badc.hardware import Slot, find_gpus

def listening():
    me = psutil.Process()
    return [
        (each.pid, found.laddr.ip)
        for each in (me, *me.children(recursive=True))
        for found in each.net_connections()
        if found.status == "LISTEN"
    ]

if __name__ == "__main__":
    gpus = find_gpus().gpus if "gpus" in sys.argv else ()
    slots = [Slot(f"gpu-{gpu.number}", gpu) for gpu in gpus]
    with open_cluster((*slots, Slot("cpu-0")), None, lambda line: None) as cluster:
        cluster.place.sync(cluster.place._correct_state)
        print(json.dumps(listening()))
"""
ON_SERVER = """
import json, psutil
from flows.temporary_server import TemporaryServer
server = TemporaryServer()
server.await_start()
me = psutil.Process()
print(json.dumps([
    (each.pid, found.laddr.ip)
    for each in (me, *me.children(recursive=True))
    for found in each.net_connections()
    if found.status == "LISTEN"
]))
server.end()
"""


def addresses(script: Path, *words: str, **environment: str) -> tuple[set[int], set[str]]:
    """The processes that listen, and where."""
    ended = subprocess.run(
        [sys.executable, str(script), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    sockets = json.loads(ended.stdout.splitlines()[-1])
    return {pid for pid, _ in sockets}, {address for _, address in sockets}


@pytest.fixture
def script(tmp_path):
    def write(text: str) -> Path:
        (tmp_path / "script.py").write_text(text)
        return tmp_path / "script.py"

    return write


def test_cpu_slots_listen_to_this_host_alone(script):
    _, found = addresses(script(ON_CLUSTER))
    assert found  # Dask's small web servers; the workers themselves are threads
    assert all(ip_address(address).is_loopback for address in found)


def test_gpu_slots_and_cpu_slots_beside_them_listen_to_this_host_alone(script, pretend_nvml):
    processes, found = addresses(script(ON_CLUSTER), "gpus", **pretend_nvml)
    assert len(processes) == 4  # the scheduler's, two GPU workers and a CPU worker
    assert all(ip_address(address).is_loopback for address in found)


def test_the_temporary_server_listens_to_this_host_alone(script, tmp_path):
    _, found = addresses(script(ON_SERVER), PREFECT_HOME=str(tmp_path / "prefect"))
    assert found == {"127.0.0.1"}
