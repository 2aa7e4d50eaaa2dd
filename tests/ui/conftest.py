"""A real browser, driven over its DevTools protocol."""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class Tab:
    """One tab; it keeps every event that the browser tells."""

    def __init__(self, socket: ClientConnection) -> None:
        self.events: list[dict[str, Any]] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=30))
            if message.get("id") == number:
                assert "error" not in message, message
                return dict(message["result"])
            self.events.append(message)

    def open(self, page: Path | str) -> None:
        """Open a file, or an address, and wait until it has loaded."""
        url = page if isinstance(page, str) else page.absolute().as_uri()
        self.events.clear()
        self.ask("Page.navigate", url=url)
        deadline = time.monotonic() + 60
        while not self.told("Page.loadEventFired"):
            assert time.monotonic() < deadline, "the page did not load"
            self.run("1")
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        """Return the value of a script; a promise is waited for."""
        answer = self.ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, *texts: str) -> str:
        """Wait until the page shows all texts; return all that it shows."""
        deadline = time.monotonic() + 120
        while True:
            shown = str(self.run("document.body ? document.body.innerText : ''"))
            missing = [text for text in texts if text not in shown]
            if not missing:
                return shown
            assert time.monotonic() < deadline, f"{missing} did not appear in:\n{shown}"
            time.sleep(0.3)

    def picture(self) -> bytes:
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def told(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") == method]


@pytest.fixture
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A tab of a headless Chromium; skipped where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is on PATH")
    profile = tmp_path_factory.mktemp("browser")
    browser = subprocess.Popen(
        [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--mute-audio",
            "--remote-debugging-port=0",
            "--window-size=1200,900",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with connect(_address(profile, browser), max_size=None, proxy=None) as socket:
            yield Tab(socket)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait(20)


def _address(profile: Path, browser: subprocess.Popen[bytes]) -> str:
    """Return the DevTools address of the first tab, as soon as the browser has one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and browser.poll() is None:
        try:
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
                tabs = [each for each in json.load(answer) if each["type"] == "page"]
            return str(tabs[0]["webSocketDebuggerUrl"])
        except (OSError, IndexError, ValueError):
            time.sleep(0.1)
    pytest.fail("the browser did not start")
