"""A flow run that looks after its own state on the Prefect server (decision 19)."""

import contextvars
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Self
from uuid import UUID

from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Pause
from prefect.runtime import flow_run
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Cancelled

from badc.errors import RunCancelledError, RunFailedError, Terminated
from flows.console import anybody_can_look, warning_from_anywhere
from flows.reach import flow_server

_LOOK_S = 1.5
_ANSWER_WITHIN_S = 10.0
_LAST_ANSWER_WITHIN_S = 3.0
_WORKERS_LOOKS = 3  # how long Prefect's worker has to end a run of its own
_HOLD_S = 0.2
_ARRIVAL_S = 0.01
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Asked:
    """What somebody asked of a run.

    Attributes:
        state: the state that the server has put it in.
        run: the run's name.
        server: the server's address.
        age_s: how long ago it may have been.
    """

    state: State[Any]
    run: str
    server: str
    age_s: float

    @property
    def suspended(self) -> bool:
        """Whether the run is to end now and go on in another process; else it is cancelled."""
        return self.state.is_paused()

    def __str__(self) -> str:
        said = " ".join((self.state.message or "").split())
        words = f': "{said}"' if said else ""
        return f"from Prefect ({self.server}, run {self.run}{words})"


class Watch:
    """Looks after one flow run's state on the server, in a thread, until the block ends.

    Attributes:
        done: says how far the run is, for those who ask when it ended early.
        again: how to go on then.
        own: who asked for the end of this run, if anybody did.
        over: set once nobody has to be told any more.
        outermost: the watch of the run around all others, or this one.
    """

    def __init__(self, around: "Watch | None", notice: Callable[[Asked], None] | None) -> None:
        self.done: Callable[[], str] = lambda: "nothing was begun"
        self.again = "Type the same command again: what is done is not repeated."
        self._around = around
        self.outermost: Watch = self if self._around is None else self._around.outermost
        self._notice = notice
        self._id = UUID(str(flow_run.id))
        self._warn = warning_from_anywhere()
        self.own: Asked | None = None
        self._paused: Asked | None = None
        self._expired = ""
        self._ended_by_worker = False
        self._last_look_taken = False
        self._looked_s = time.monotonic()  # when the last look began that found nothing asked
        self._in_main = threading.current_thread() is threading.main_thread()
        self._lock = threading.Lock()
        self.over = threading.Event()
        self._sent = 0
        self._late: list[int] = []
        self._handlers: dict[int, Any] = {}
        space = contextvars.copy_context()
        self._thread = threading.Thread(
            target=space.run, args=(self._follow,), name="badc-watch", daemon=True
        )

    def __enter__(self) -> Self:
        if anybody_can_look():
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.settle()
        if self.outermost.own is not None:
            return  # nothing is to disturb the process on its last way
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._late and self.own is None:
            signal.raise_signal(self._late[0])

    @property
    def asked(self) -> Asked | None:
        """Who asked for the end of this run, or of one around it, as far as is known."""
        return self.own or (None if self._around is None else self._around.asked)

    def hold(self) -> None:
        """Wait as long as the run, or one around it, is paused.

        Raises:
            Terminated: it is to end. Mostly a signal has said so before; that may have been lost.
            RunFailedError: nobody resumed it in the time that was set when it was paused.
        """
        while self.asked is None and self._paused is not None:
            if self._expired:
                raise RunFailedError(f"Paused in Prefect: {self._expired}", self.again)
            time.sleep(_HOLD_S)
        if self.asked is not None:
            raise Terminated
        if self._around is not None:
            self._around.hold()

    @property
    def paused(self) -> bool:
        """Whether this run, or one around it, is to begin nothing new for the time being."""
        return self._paused is not None or (self._around is not None and self._around.paused)

    def settle(self) -> None:
        """Let no signal disturb from now on how this run ends, whatever ends it."""
        if self._in_main and not self._handlers:
            for number in _SIGNALS:
                if callable(signal.getsignal(number)):
                    self._handlers[number] = signal.signal(number, self._note)
        with self._lock:
            self.over.set()
        if self._sent:
            time.sleep(_ARRIVAL_S)
        if self._around is not None and self._around.asked is not None:
            self._around.over.set()  # it is obeyed, and need not be repeated

    def asked_for(self, error: BaseException | None) -> Asked | None:
        """Return who asked for the end that ``error`` brings; None where nobody did.

        No signal disturbs it from now on. Prefect's worker sends one that may be faster than our
        look at the server, and a run that somebody cancelled can end in no other state.
        """
        self.settle()
        if isinstance(error, Pause) and error.state is not None:
            self.outermost.take(error.state, str(flow_run.name))
        elif error is None or isinstance(error, Exception):
            self.look_last()
        elif not isinstance(error, KeyboardInterrupt) or error.__cause__ is not None:
            self.outermost.look_last()
        return self.own if error is None else self.asked

    def end(self, asked: Asked) -> State[Any]:
        """Return the state in which the flow run ends; a suspended one keeps the one it has.

        Raises:
            Pause: it was suspended.
        """
        verb = "Suspended" if asked.suspended else "Cancelled"
        told = f"{verb} {asked}: {self.done()}."
        error = RunCancelledError(told, self.again, around=asked is not self.own)
        if not asked.suspended:
            return Cancelled(message=told, data=error)
        if self._around is not None:
            # Prefect leaves a subflow of a suspended run as it is, Running
            with _client() as client:
                client.set_flow_run_state(self._id, Cancelled(message=told), force=True)
        raise Pause(state=asked.state)

    def look_last(self) -> None:
        """Look at the server once more, before the run's last state is decided."""
        if self.own is None and not self._last_look_taken and anybody_can_look():
            self._last_look_taken = True
            with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
                self._look(get_client(sync_client=True), _LAST_ANSWER_WITHIN_S)

    def _follow(self) -> None:
        looks = 0
        if self.over.wait(_LOOK_S):
            return  # a client costs more than all else here
        with _client() as client:
            while not self.over.is_set():
                self._look(client)
                looks += self.own is not None
                if looks > (_WORKERS_LOOKS if self._ended_by_worker else 0):
                    self._interrupt()
                self.over.wait(_LOOK_S)

    def _look(self, client: SyncPrefectClient, within_s: float = _ANSWER_WITHIN_S) -> None:
        began_s = time.monotonic()
        try:
            which = {"id": self._id}
            answer = client.request("GET", "/flow_runs/{id}", path_params=which, timeout=within_s)
            run = FlowRun.model_validate(answer.json())
        except Exception:  # noqa: BLE001 - a server that is lost asks for nothing
            return
        self._ended_by_worker = run.deployment_id is not None
        if run.state is not None:
            self.take(run.state, run.name)
        self._looked_s = began_s

    def take(self, state: State[Any], name: str) -> None:
        """Draw the consequences of the state that the server has the run in."""
        with self._lock:
            news = Asked(state, name, flow_server(), time.monotonic() - self._looked_s)
            if self.own is not None:
                return
            if state.is_cancelling() or state.is_cancelled() or state.name == "Suspended":
                self.own = news
                if self._notice is not None:
                    self._notice(news)
            elif state.is_paused() and self._paused is None:
                self._paused = news
                self._warn(f"Paused {news}: nothing new is begun until it is resumed there.")
            elif self._paused is not None and state.is_final():
                self._expired = state.message or f"the run was set to {state.name}."
            elif self._paused is not None and not state.is_paused():
                self._paused = None
                self._warn(f"Resumed {news}.")

    def _interrupt(self) -> None:
        """End the run as SIGTERM would, whatever it is at."""
        with self._lock:
            awaited = callable(signal.getsignal(signal.SIGTERM))
            if self._in_main and awaited and not self.over.is_set():
                self._sent += 1
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM and self._sent:
            self._sent -= 1
        else:
            self._late.append(number)


@contextmanager
def _client() -> Iterator[SyncPrefectClient]:
    """Open a client for another thread than the flow run's; it does not try for long."""
    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
        get_client(httpx_settings={"timeout": _ANSWER_WITHIN_S}, sync_client=True) as client,
    ):
        yield client
