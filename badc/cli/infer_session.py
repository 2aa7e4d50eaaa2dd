"""One ``badc infer run`` from its first line to its last."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Never

from rich.table import Table

from badc.cli.console import cell, say, show, warn
from badc.cli.last_words import show_last_words
from badc.cli.leaving import CANCELLED_LIMIT_S, ending_when_cancelled, hurry
from badc.cli.progress import following
from badc.errors import BadcError, RecordsLostError, RunStalledError, Terminated
from badc.manifest import ChunkKey, moved_note
from badc.results import workers_path
from badc.runs import (
    DecidedRun,
    InferPlan,
    InferRequest,
    RunCounts,
    RunRecords,
    SlurmJobs,
    datalad_run_line,
    decide,
    own_log,
)
from badc.runs.prior_results import refuse_to_record_over
from badc.time_limit import end_within

_RETRIED_SHOWN = 5
_END_LIMIT_S = 10.0
_END_WITH_JOBS_LIMIT_S = 60.0  # Slurm may take its time to cancel them


def carry_out(request: InferRequest, *, print_datalad_run: bool) -> None:
    """Listen, or print the line that would have DataLad record it."""
    if print_datalad_run:
        line = datalad_run_line(request)
        refuse_to_record_over(request)
        say(line)
    else:
        listen(request)


def listen(request: InferRequest, counted: Callable[[RunCounts], None] = lambda _: None) -> None:
    """Run the infer flow in this process and tell the terminal about it.

    Args:
        request: what to hear.
        counted: told what the run came to, however it ended, if it began.

    Raises:
        BadcError: the request cannot be carried out, chunks failed, or somebody cancelled the run.
        KeyboardInterrupt, Terminated: the run was broken off; its records are written.
    """
    begin_server()
    plan = decide(request)
    require_server()
    with own_log(request, plan) as plan:
        run = DecidedRun(plan)
        settled = request.model_copy(update={"telemetry_log": plan.telemetry_log})
        _announce(plan, request)
        _say_what_differs(plan, request)
        told = threading.Event()
        _catch_signals(run, told)
        told_all, stopped = True, False  # what the summary on the disk says is how it was
        try:
            with following(plan):
                _run_flow(settled, run, told)
        except BadcError as error:
            show_last_words(error)
            told_all = not isinstance(error, RecordsLostError)
            if isinstance(error, RunStalledError):
                hurry()  # what is stuck may hold up the end of the process as well
            raise
        except (KeyboardInterrupt, Terminated):
            stopped = True
            raise
        finally:
            told.set()
            if run.records is not None:  # else it was refused: other runs' figures are not its own
                counted(run.records.tally.counts(len(plan.chunks)))
                if told_all:
                    _report(plan, run.records)
            if stopped:
                warn(f"Stopped. {plan.again}")


def begin_server() -> None:
    """Settle Prefect for this process; where no server is configured, begin to start one."""
    from flows.server import configured_server
    from flows.settings import settle_prefect
    from flows.temporary_server import begin_temporary_server

    settle_prefect()
    if configured_server() is None:
        begin_temporary_server()


def require_server() -> None:
    """Have a server to report to; refuse a configured one that cannot be used."""
    from flows.temporary_server import use_temporary_server

    use_temporary_server()
    from flows import reach

    reach.require_server()


def _run_flow(request: InferRequest, run: DecidedRun, told: threading.Event) -> None:
    from flows.console import announcing, telling_arrears
    from flows.infer import decided, infer
    from flows.lost_server import outliving

    jobs = isinstance(run.plan.cluster, SlurmJobs)
    limit_s = _END_WITH_JOBS_LIMIT_S if jobs else CANCELLED_LIMIT_S
    ending = ending_when_cancelled(limit_s, partial(_report_once, run, told))
    with sigterm_from_prefect(), decided(run), ending:
        outliving(telling_arrears(announcing(infer, say), say), server_lost)(request)


def server_lost(line: str) -> None:
    """Tell that a run went on without its server, which gets no last words then."""
    warn(line)
    hurry()


@contextmanager
def sigterm_from_prefect() -> Iterator[None]:
    """Know SIGTERM again: while a flow runs, Prefect has it for itself."""
    from prefect.exceptions import TerminationSignal

    try:
        yield
    except TerminationSignal:
        raise Terminated from None


def _catch_signals(run: DecidedRun, told: threading.Event) -> None:
    """Let Ctrl-C, SIGTERM and a lost terminal end the run in good order, once.

    A repetition changes nothing. Ctrl-C counts also where it was ignored from the start, as in a
    background job of a script; a lost terminal does not where it was (nohup).
    """
    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        ending.append(signal.SIGHUP)

    def end(number: int, _frame: FrameType | None) -> Never:
        for each in ending:
            signal.signal(each, signal.SIG_IGN)
        warn("Ending the run: stopping runners and writing the summary …")
        jobs = isinstance(run.plan.cluster, SlurmJobs)
        limit_s = _END_WITH_JOBS_LIMIT_S if jobs else _END_LIMIT_S
        end_within(limit_s, 128 + number, partial(_report_once, run, told))
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Terminated

    for each in ending:
        signal.signal(each, end)


def _report_once(run: DecidedRun, told: threading.Event) -> None:
    """Report where the process ends while it still waits for something.

    Prefect would try for minutes to tell a server that died how the run ended. Runners are gone
    and records written by now.
    """
    if not told.is_set() and run.records is not None:
        _report(run.plan, run.records)


def _announce(plan: InferPlan, request: InferRequest) -> None:
    if plan.cluster is not None:
        say(str(plan.cluster))
    else:
        say(plan.gpu_diagnosis)
        on_cpu = sum(slot.gpu is None for slot in plan.slots)
        if on_cpu == len(plan.slots):
            why = "No GPUs detected" if plan.gpu_count == 0 else "No GPUs used (--max-gpus 0)"
            say(f"{why}; running on CPU with {on_cpu} worker(s).")
        else:
            gpus = len({slot.gpu.uuid for slot in plan.slots if slot.gpu})
            each = (len(plan.slots) - on_cpu) // gpus
            shared = f" ({each} chunks each)" if each > 1 else ""
            say(f"Running on {gpus} GPU(s){shared} and {on_cpu} CPU worker(s).")
    say(f"Telemetry log: {plan.telemetry_log}")
    if plan.done:
        say(f"{len(plan.done)} of {len(plan.chunks)} chunks are already done.")
    if plan.assignment.rerun:
        unasked = "" if request.resume_summary is None else "; --resume-summary is ignored"
        say(f"Hearing all {len(plan.chunks)} chunks again, also those that are done{unasked}.")


def _say_what_differs(plan: InferPlan, request: InferRequest) -> None:
    """Say where files are found or put elsewhere than somebody might expect."""
    if note := moved_note(plan.chunks):
        warn(f"Note: {note}")
    dataset = plan.assignment.dataset_root
    if dataset and request.telemetry_log is None and not plan.telemetry_log.is_relative_to(dataset):
        warn(
            f"Note: {dataset} is not writable; the log is in the working directory."
            " --telemetry-log names another place."
        )


def _report(plan: InferPlan, records: RunRecords) -> None:
    """Print what a run leaves behind; also for one that failed or was broken off."""
    summary = records.summary
    say(f"Summary: {plan.summary}")
    say(f"Workers CSV: {workers_path(plan.summary)}")
    retried = [summary.jobs[chunk.key] for chunk in plan.chunks if _retried(chunk.key, records)]
    for job in retried[:_RETRIED_SHOWN]:
        say(f"Retried: {job.recording_id}/{job.chunk_id} ({job.attempts} attempts, {job.status})")
    if len(retried) > _RETRIED_SHOWN:
        say(f"… and {len(retried) - _RETRIED_SHOWN} more retried; the summary lists them.")
    counts = records.tally.counts(len(plan.chunks))
    say(f"Processed {counts.sentence}; JSON in {plan.output_dir}")
    if not summary.workers:
        return
    table = Table("Worker", "Jobs", "Failures", "Retries", "Failed attempts")
    for label, tally in sorted(summary.workers.items()):
        figures = (tally.jobs, tally.failure, tally.retries, tally.failed_retries)
        table.add_row(cell(label), *map(cell, figures))
    show(table)


def _retried(key: ChunkKey, records: RunRecords) -> bool:
    """Say whether this run, not an earlier one on the same log, made several attempts."""
    heard = records.good_end(key)
    tried = records.failure(key) is not None or (heard is not None and not heard.cached)
    return tried and key in records.summary.jobs and records.summary.jobs[key].retries > 0
