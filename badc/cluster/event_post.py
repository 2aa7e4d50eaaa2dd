"""What the slots of one Dask worker have to tell, on its way to the flow's process."""

import threading
import time
from typing import Any

from badc.telemetry import Event

_PAUSE_S = 0.02


class EventPost:
    """Sends events at once where they are rare, and in lots where they come thick and fast.

    A message costs as much as hearing a tiny chunk, however many events it holds. Thread-safe.
    """

    def __init__(self, worker: Any, topic: str) -> None:  # noqa: ANN401 - dask has no types
        self._worker = worker
        self._topic = topic
        self._lock = threading.Lock()
        self._waiting: list[dict[str, Any]] = []
        self._sent_s = 0.0
        self._due = False

    def put(self, event: Event) -> None:
        """Send one event, now or with others a moment later; their order is kept."""
        with self._lock:
            self._waiting.append(event.to_json())
            if self._due:
                return
            pause_s = self._sent_s + _PAUSE_S - time.monotonic()
            if pause_s <= 0:
                self._send()
                return
            self._due = True
        self._worker.loop.add_callback(self._send_after, pause_s)

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            self._send()

    def _send_after(self, pause_s: float) -> None:
        # returns nothing: whatever a callback returns, Tornado tries to await
        self._worker.loop.call_later(pause_s, self._send_late)

    def _send_late(self) -> None:
        with self._lock:
            self._due = False
            self._send()

    def _send(self) -> None:
        """Hand over what waits. Always by way of the loop, so that nothing overtakes it."""
        if self._waiting:
            # Dask adds the worker's address under "worker" to what it passes on, hence the wrapping
            told = {"events": self._waiting}
            self._waiting, self._sent_s = [], time.monotonic()
            self._worker.loop.add_callback(self._worker.log_event, self._topic, told)
