"""Many recordings, one after the other or several at a time: none of them stops the others."""

import multiprocessing
import signal
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Never, cast

from badc.chunking.cut import cut
from badc.chunking.plan import CutPlan
from badc.errors import BadcError

_GRACE_S = 10.0  # what a cut has to take away the files that it added


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording.

    Attributes:
        plan: what was to be done.
        chunks: how many were made.
        leftovers: chunk files of an earlier cut in the folder, as in ``Cut``.
        warnings: what the user should know about the recording.
        error: why there are none, or None.
    """

    plan: CutPlan
    chunks: int = 0
    leftovers: int = 0
    warnings: tuple[str, ...] = ()
    error: BadcError | None = None


def cut_many(plans: Iterable[CutPlan], workers: int = 1) -> Generator[Outcome]:
    """Cut recordings, ``workers`` at a time, each then in a process of its own.

    Outcomes come as recordings are done. Closing the iterator ends the cuts that are under way:
    they leave status ``failed`` and no new chunk files behind.
    """
    if workers == 1:
        yield from map(_attempt, plans)
        return
    # forkserver: a process starts in milliseconds and inherits no thread and no lock of ours
    start = multiprocessing.get_context("forkserver")
    start.set_forkserver_preload([__name__])
    running: dict[Connection, tuple[BaseProcess, CutPlan]] = {}
    waiting = iter(plans)
    try:
        while True:
            for plan in islice(waiting, workers - len(running)):
                ours, theirs = start.Pipe(duplex=False)
                process = start.Process(target=_cut_and_tell, args=(plan, theirs), daemon=True)
                process.start()
                theirs.close()  # so that the end of the process is the end of the pipe
                running[ours] = (process, plan)
            if not running:
                return
            for answered in wait(list(running)):
                connection = cast("Connection", answered)
                outcome = _outcome(connection, *running[connection])
                del running[connection]
                yield outcome
    finally:
        _end(running)


def _attempt(plan: CutPlan) -> Outcome:
    try:
        done = cut(plan)
    except BadcError as error:
        return Outcome(plan, error=error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this recording's alone
        return Outcome(plan, error=BadcError(f"{plan.recording}: {type(error).__name__}: {error}."))
    return Outcome(plan, len(done.chunks), done.leftovers, done.warnings)


def _outcome(answered: Connection, process: BaseProcess, plan: CutPlan) -> Outcome:
    try:
        told = answered.recv()
    except EOFError:
        process.join()
        return Outcome(
            plan,
            error=BadcError(
                f"{plan.recording}: its cut ended without a word ({_how(process.exitcode)}).",
                "Is there enough memory? Try again with fewer --workers.",
            ),
        )
    finally:
        answered.close()
    process.join()
    return cast("Outcome", told)


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"signal {-exitcode}"
    return f"exit {exitcode}"


def _end(running: dict[Connection, tuple[BaseProcess, CutPlan]]) -> None:
    for process, _plan in running.values():
        process.terminate()
    for connection, (process, _plan) in running.items():
        process.join(_GRACE_S)
        if process.is_alive():
            process.kill()
            process.join()
        connection.close()


class _Ended(SystemExit):
    """SIGTERM, as an exit that multiprocessing does not make a traceback of."""

    def __str__(self) -> str:
        """Return what the chunk status says of it."""
        return "the cut was broken off"


def _cut_and_tell(plan: CutPlan, answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us all; the parent decides
    signal.signal(signal.SIGTERM, _break_off)
    answer.send(_attempt(plan))


def _break_off(_number: int, _frame: FrameType | None) -> Never:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended(1)
