"""What all tests share: one real Prefect server, and a real recording."""

from collections.abc import Iterator

import pytest

from tools.prefect_server import prefect_server as running_prefect_server


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One real Prefect server for all tests; yields the environment that points to it."""
    with running_prefect_server(tmp_path_factory.mktemp("prefect")) as environment:
        yield environment
