"""A run whose artifacts the Prefect server refuses, forgets to answer, or is not asked to keep."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

_REFUSAL = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}"


class Gate:
    """Passes everything on to the real server, save requests about artifacts."""

    def __init__(self, behind: str, refusal: bytes) -> None:
        place = urlsplit(behind)
        self._behind = place.hostname, place.port
        self._refusal = refusal
        self.asked = 0
        self.address = ""
        self._open = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop, self._shut = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            self.address = f"http://127.0.0.1:{port}/api"
            self._open.set()
            await self._shut.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._behind)
        back = asyncio.create_task(_pass_on(far_reader, writer))
        try:
            while data := await reader.read(1 << 16):
                if b" /api/artifacts" in data.split(b"\r\n", 1)[0]:
                    self.asked += 1
                    writer.write(self._refusal)
                else:
                    far_writer.write(data)
        except OSError:
            pass
        finally:
            far_writer.close()
            await back

    def open(self) -> None:
        self._thread.start()
        assert self._open.wait(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._shut.set)
        self._thread.join(60)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
    writer.close()


@pytest.fixture
def gate(badc) -> Iterator[Callable[[bytes], Gate]]:
    opened = []

    def make(refusal: bytes) -> Gate:
        gate = Gate(badc.environment["PREFECT_API_URL"], refusal)
        gate.open()
        opened.append(gate)
        badc.environment["PREFECT_API_URL"] = gate.address
        return gate

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("refusal", [_REFUSAL, b""], ids=["refuses", "does not answer"])
def test_a_server_that_takes_no_artifacts_costs_one_warning(badc, manifest, gate, refusal):
    standing = gate(refusal)
    ended = badc("infer", "run", manifest(3))
    assert ended.code == 0, ended.all
    assert standing.asked
    assert "Processed 3 of 3 chunks" in ended.out
    assert ended.err.count("the artifacts in the Prefect UI are not up to date") == 1
    assert "Traceback" not in ended.all


def test_artifacts_can_be_switched_off(badc, manifest, api):
    ended = badc("infer", "run", manifest(1), BADC_DISABLE_ARTIFACTS="1")
    assert ended.code == 0, ended.all
    assert api.artifacts_of(api.run_announced(ended.out)) == {}
