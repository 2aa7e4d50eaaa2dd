"""What all tests share: one real Prefect server, and a real recording."""

import signal
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
# Tests started under nohup would hand that on to the commands they start.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One real Prefect server for all tests; yields the environment that points to it."""
    with running_prefect_server(tmp_path_factory.mktemp("prefect")) as environment:
        yield environment


@pytest.fixture
def api(prefect_server: dict[str, str]) -> PrefectApi:
    """Asks that server."""
    return PrefectApi(prefect_server["PREFECT_API_URL"])


@pytest.fixture(scope="session")
def yellowthroat() -> Path:
    """Six seconds of a Common Yellowthroat (MP3)."""
    return fetch()
