"""What a run on this host opens can be reached from this host alone."""

import json
import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LISTENING = """
import json, psutil, sys

def listening():
    me = psutil.Process()
    return [
        (each.pid, found.laddr.ip)
        for each in (me, *me.children(recursive=True))
        for found in each.net_connections()
        if found.status == "LISTEN"
    ]
"""
# A script of its own, because worker processes import it again.
ON_CLUSTER = f"""
{LISTENING}
from badc.cluster import open_cluster
from badc.hardware import Slot, find_gpus

if __name__ == "__main__":
    gpus = find_gpus().gpus if "gpus" in sys.argv else ()
    slots = [Slot(f"gpu-{{gpu.number}}", gpu) for gpu in gpus]
    with open_cluster((*slots, Slot("cpu-0")), None, lambda line: None) as cluster:
        workers = list(cluster.place.scheduler.workers)
        print(json.dumps({{"sockets": listening(), "workers": workers}}))
"""
ON_SERVER = f"""
{LISTENING}
from flows.temporary_server import TemporaryServer
from base64 import b64encode
from urllib.error import HTTPError
from urllib.request import Request, urlopen

server = TemporaryServer()
address = server.await_start()

def status(password):
    asked = Request(f"{{address}}/flow_runs/count", b"{{}}", {{"Content-Type": "application/json"}})
    asked.add_header("Authorization", "Basic " + b64encode(password.encode()).decode())
    try:
        return urlopen(asked).status
    except HTTPError as error:
        return error.code

answers = [status(server.password), status("badc:guessed")]
print(json.dumps({{"sockets": listening(), "answers": answers}}))
server.end()
"""


@pytest.fixture
def told(tmp_path):
    """Runs a script; returns what it says of itself."""

    def run(text: str, *words: str, **environment: str):
        script = tmp_path / "script.py"
        script.write_text(text)
        ended = subprocess.run(
            [sys.executable, str(script), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(ended.stdout.splitlines()[-1])

    return run


def test_cpu_slots_listen_to_this_host_alone(told):
    said = told(ON_CLUSTER)
    assert said["sockets"]  # Dask's small web servers
    assert all(ip_address(address).is_loopback for _, address in said["sockets"])
    assert all(address.startswith("inproc://") for address in said["workers"])


def test_gpu_slots_and_cpu_slots_beside_them_listen_to_this_host_alone(told, pretend_nvml):
    said = told(ON_CLUSTER, "gpus", **pretend_nvml)
    assert len({pid for pid, _ in said["sockets"]}) == 4  # the scheduler's, and three workers
    assert all(ip_address(address).is_loopback for _, address in said["sockets"])
    assert len(said["workers"]) == 3


def test_the_temporary_server_listens_to_this_host_and_this_run_alone(told, tmp_path):
    said = told(ON_SERVER, PREFECT_HOME=str(tmp_path / "prefect"))
    assert {address for _, address in said["sockets"]} == {"127.0.0.1"}
    assert said["answers"] == [200, 401]
