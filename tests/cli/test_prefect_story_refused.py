"""A run whose artifacts the Prefect server refuses, is silent on, takes slowly, or does not get."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from urllib.parse import urlsplit

import pytest

_REFUSAL = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


_SLOW_S = 2.0
_REFUSED = 2


class Gate:
    """Passes everything on to the real server, save requests about artifacts.

    ``answers`` are given to these, one after the other; None passes one on late, as do those that
    follow.
    """

    def __init__(self, behind: str, answers: Iterable[bytes | None]) -> None:
        place = urlsplit(behind)
        self._behind = place.hostname, place.port
        self._answers = iter(answers)
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
                    answer = next(self._answers, None)
                    if answer is not None:
                        writer.write(answer)
                        if answer:  # a new connection next: the real server ends idle ones
                            break
                        continue
                    await asyncio.sleep(_SLOW_S)
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
def gate(badc) -> Iterator[Callable[[Iterable[bytes | None]], Gate]]:
    opened = []

    def make(answers: Iterable[bytes | None]) -> Gate:
        gate = Gate(badc.environment["PREFECT_API_URL"], answers)
        gate.open()
        opened.append(gate)
        badc.environment["PREFECT_API_URL"] = gate.address
        return gate

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("refusal", [_REFUSAL, b""], ids=["refuses", "does not answer"])
def test_a_server_that_takes_no_artifacts_costs_one_warning(badc, manifest, gate, refusal):
    standing = gate(repeat(refusal))
    ended = badc("infer", "run", manifest(3))
    assert ended.code == 0, ended.all
    assert standing.asked
    assert "Processed 3 of 3 chunks" in ended.out
    assert ended.err.count("the artifacts in the Prefect UI are not up to date") == 1
    assert "Traceback" not in ended.all


def test_a_server_that_is_slow_and_refuses_at_first_gets_the_last_word(badc, manifest, gate, api):
    standing = gate([_REFUSAL] * _REFUSED)
    ended = badc("infer", "run", manifest(3))
    assert ended.code == 0, ended.all
    assert standing.asked > _REFUSED
    artifacts = api.artifacts_of(api.run_announced(ended.out))
    told = {key.removeprefix("infer-").split("-")[0] for key in artifacts}
    assert told == {"progress", "workers", "events", "report"}, ended.err
    for artifact in artifacts.values():
        if artifact["type"] == "table":
            assert json.loads(artifact["data"])
        else:
            assert "3 of 3 chunks done" in artifact["description"]


def test_artifacts_can_be_switched_off(badc, manifest, api):
    ended = badc("infer", "run", manifest(1), BADC_DISABLE_ARTIFACTS="1")
    assert ended.code == 0, ended.all
    assert api.artifacts_of(api.run_announced(ended.out)) == {}
