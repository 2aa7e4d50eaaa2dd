"""What all tests share: one real Prefect server, a stand-in for NVML, and a real recording."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tools.fetch_recording import fetch
from tools.prefect_api import PrefectApi
from tools.prefect_server import prefect_server as running_prefect_server

# A busy machine is slow, not wrong: no example has a time limit of its own.
settings.register_profile("badc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("badc")
# Tests started by nohup, in the background of a script or by several processes would hand on to
# the commands they start that these are ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


_SHARE_SERVERS = ("deployments", "tools", "ui")  # what a whole folder starts once
_LONGEST_FIRST = (*_SHARE_SERVERS, "cli")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let two processes share the tests: by folder or by file, the longest ones first."""

    def rank(item: pytest.Item) -> int:
        folder = _folder(item)
        return _LONGEST_FIRST.index(folder) if folder in _LONGEST_FIRST else len(_LONGEST_FIRST)

    items.sort(key=rank)
    for item in items:
        folder = _folder(item)
        group = folder if folder in _SHARE_SERVERS else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One real Prefect server per test process; yields the environment that points to it."""
    with running_prefect_server(tmp_path_factory.mktemp("prefect")) as environment:
        yield environment


@pytest.fixture
def api(prefect_server: dict[str, str]) -> PrefectApi:
    """Asks that server."""
    return PrefectApi(prefect_server["PREFECT_API_URL"])


@pytest.fixture(scope="session")
def pretend_nvml(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which NVML is a stand-in with two GPUs, and there is no nvidia-smi."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("the stand-in for NVML is written in C, and there is no 'cc' here")
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).with_name("pretend_nvml.c")
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_LIBRARY_PATH": str(folder)}


@pytest.fixture(scope="session")
def yellowthroat() -> Path:
    """Six seconds of a Common Yellowthroat (MP3)."""
    return fetch()
