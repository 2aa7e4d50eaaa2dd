"""What BADC guarantees, what in the code sees to it, and which test would miss it.

The guarantees stand in ``docs/guarantees.md``, under these titles; ``tools/remove_protections.py``
takes each protection away, in a copy, and sees the test fail.
"""

from dataclasses import dataclass

_FAULTS = "tests/faults"


@dataclass(frozen=True)
class Protection:
    """One protection of a guarantee.

    Attributes:
        guarantee: its title in the document.
        file: where the protection is.
        text: what is taken away; it stands there once.
        instead: what is put in its place.
        test: the test that fails then.
    """

    guarantee: str
    file: str
    text: str
    instead: str
    test: str


_WHOLE = "Files appear whole or not at all"
_ONE_JSON = "Every chunk ends as one intact JSON, or is reported as not done"
_ONCE = "What is done is not done again"
_NO_PROCESS = "No process outlives its run"
_RESUME = "A run that failed says how to go on"
_SERVER = "A run that loses its Prefect server goes on"
_ASKED = "A run does what is asked of it in Prefect"
_SLOT = "A slot that fails is given up, not the run"
_RECORDS = "Records that cannot be written stop no chunk, and are told"
_LOG = "A log belongs to one run at a time"

PROTECTIONS = (
    Protection(
        _WHOLE,
        "badc/atomic.py",
        "    draft = aside(path)\n",
        "    draft = path\n",
        "tests/unit/test_atomic.py::test_a_writer_that_fails_leaves_the_old_file",
    ),
    Protection(
        _WHOLE,
        "badc/atomic.py",
        "            draft.unlink()",
        "            pass",
        "tests/unit/test_atomic.py::test_a_writer_that_fails_leaves_the_old_file",
    ),
    Protection(
        _WHOLE,
        "badc/telemetry/log.py",
        "            if _ends_torn(path):",
        "            if not path:",
        "tests/unit/telemetry/test_log.py::test_a_writer_ends_the_line_that_a_killed_one_left_torn",
    ),
    Protection(
        _ONE_JSON,
        "badc/detections/result.py",
        "    write_whole(path,",
        "    path.write_text(",
        f"{_FAULTS}/test_full_disk.py"
        "::test_a_full_disk_for_results_ends_the_run_and_room_lets_it_go_on",
    ),
    Protection(
        _ONE_JSON,
        "flows/infer.py",
        "    if count.failed:\n        key,",
        "    if count.failed is None:\n        key,",
        f"{_FAULTS}/test_read_only.py"
        "::test_a_folder_that_becomes_read_only_in_mid_run_ends_it_and_it_can_be_resumed",
    ),
    Protection(
        _ONCE,
        "badc/runs/plan.py",
        "        if place is not None:",
        "        if place == chunk:",
        "tests/unit/runs/test_deciding.py"
        "::test_a_summary_keeps_chunks_whose_json_stands_unless_all_are_to_be_heard_again",
    ),
    Protection(
        _NO_PROCESS,
        "badc/process.py",
        "            os.killpg(process.pid, number)",
        "            os.kill(process.pid, number)",
        "tests/unit/process/test_door.py"
        "::test_the_time_limit_ends_the_child_and_all_that_it_started",
    ),
    Protection(
        _NO_PROCESS,
        "badc/watchdog_child.py",
        "    _end(groups)\n    end_strays(sys.argv[1])\n",
        "",
        "tests/unit/process/test_watchdog.py"
        "::test_what_a_killed_process_had_under_way_is_ended_and_nothing_else",
    ),
    Protection(
        _NO_PROCESS,
        "flows/temporary_server_process.py",
        "    threading.Thread(target=_end_with_parent, daemon=True).start()\n",
        "    threading.Thread(target=sys.stdin.buffer.read, daemon=True).start()\n",
        "tests/cli/test_temporary_server.py::test_a_killed_run_leaves_no_server_behind",
    ),
    Protection(
        _RESUME,
        "flows/infer.py",
        '    return f"--resume-summary {shlex.quote(str(plan.summary))}"',
        '    return "some luck"',
        "tests/cli/test_infer_run.py"
        "::test_a_failing_runner_ends_the_run_with_its_stderr_and_no_new_chunk",
    ),
    Protection(
        _SERVER,
        "flows/lost_server.py",
        "        except (Abort, httpx.HTTPError, ObjectNotFound) as fault:",
        "        except ZeroDivisionError as fault:",
        f"{_FAULTS}/test_server_lost.py"
        "::test_a_run_outlives_its_temporary_server_and_can_be_resumed",
    ),
    Protection(
        _ASKED,
        "flows/run_watch.py",
        "                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)",
        "                pass",
        "tests/cli/test_cancelling.py::test_while_tables_are_made",
    ),
    Protection(
        _ASKED,
        "flows/run_watch.py",
        "            return Cancelled(message=told, data=error)",
        "            raise error",
        "tests/cli/test_cancelling.py::test_while_a_model_is_opened",
    ),
    Protection(
        _ASKED,
        "flows/hearing.py",
        "if self._wanted() and not self._is_held() else None",
        "if self._wanted() else None",
        "tests/cli/test_cancelling.py"
        "::test_a_run_that_is_paused_begins_nothing_until_it_is_resumed_or_cancelled",
    ),
    Protection(
        _ASKED,
        "flows/infer.py",
        "        reason = why(error)\n",
        "",
        "tests/cli/test_cancelling.py::test_while_chunks_are_heard",
    ),
    Protection(
        _SLOT,
        "badc/runs/slot_health.py",
        "        self.retired.add(label)\n        return True",
        "        return False",
        "tests/unit/runs/test_lost_attempts.py::test_two_losses_in_a_row_retire_a_slot_once",
    ),
    Protection(
        _RECORDS,
        "badc/runs/records.py",
        "        except OSError as error:\n            if not known:",
        "        except ZeroDivisionError as error:\n            if not known:",
        f"{_FAULTS}/test_full_disk.py::test_a_full_disk_for_records_stops_no_chunk_and_is_told",
    ),
    Protection(
        _RECORDS,
        "badc/telemetry/log.py",
        "                del self._waiting[: self._stream.write(self._waiting)]",
        "                self._stream.write(self._waiting), self._waiting.clear()",
        f"{_FAULTS}/test_full_disk.py"
        "::test_a_log_on_a_full_disk_loses_and_tears_nothing_once_there_is_room",
    ),
    Protection(
        _LOG,
        "badc/telemetry/log.py",
        "        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "        fcntl.flock(stream, fcntl.LOCK_UN)",
        "tests/unit/telemetry/test_log.py::test_a_log_has_one_writer_and_none_is_left_behind",
    ),
)
