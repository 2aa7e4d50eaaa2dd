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
_NO_OTHER = "No result is silently another runner's"
_NO_PROCESS = "No process outlives its run"
_RESUME = "A run that failed says how to go on"
_SERVER = "A run that loses its Prefect server goes on"
_ASKED = "A run does what is asked of it in Prefect"
_SLOT = "A slot that fails is given up, not the run"
_RECORDS = "Records that cannot be written stop no chunk, and are told"
_LOG = "A log belongs to one run at a time"
_TYPED = "What is typed counts over what is saved"
_CLOCK = "A clock that is set holds up nothing"
_STALL = "A run that makes no progress says what it waits for, and ends"
_APART = "No recording takes the place of another of its name"
_MIXED = "No table mixes detectors in silence"
_DOUBLES = "No call counts twice, and none is lost for it"
_MOVED = "A dataset may move, and be read-only"
_NAMING = "tests/unit/manifest/test_naming.py"

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
        "badc/results/prior.py",
        "        if done:\n",
        "        if done == chunk:\n",
        "tests/unit/runs/test_deciding.py"
        "::test_what_is_done_is_known_with_and_without_a_summary_unless_all_is_to_be_heard_again",
    ),
    Protection(
        _ONCE,
        "flows/result_storage.py",
        "        if record is None:\n            raise FileNotFoundError(path)\n",
        "        if path:\n            raise FileNotFoundError(path)\n",
        "tests/cli/test_prefect_cache.py::test_the_engine_itself_says_cached_and_names_the_result",
    ),
    Protection(
        _NO_OTHER,
        "badc/results/examination.py",
        "    if other is None and runner is not None and maker.fingerprint != runner:\n",
        "    if other is None and runner == path:\n",
        "tests/unit/runs/test_deciding.py"
        "::test_results_of_another_runner_are_refused_by_name_and_nothing_is_written",
    ),
    Protection(
        _NO_OTHER,
        "badc/runs/plan.py",
        "    refuse_what_is_in_the_way(prior, request, runner, output_dir)\n",
        "",
        "tests/unit/runs/test_deciding.py"
        "::test_results_of_another_runner_are_refused_by_name_and_nothing_is_written",
    ),
    Protection(
        _NO_OTHER,
        "badc/runners/program_files.py",
        "            return f\"{name} {hashlib.file_digest(stream, 'sha256').hexdigest()}\"\n",
        "            return name\n",
        "tests/unit/runners/test_program_files.py::test_an_edited_script_is_another_runner",
    ),
    Protection(
        _NO_OTHER,
        "badc/results/audio.py",
        "                and (earlier.size_bytes, earlier.mtime_ns) == (size, time)\n",
        "                and earlier.size_bytes == size\n",
        "tests/unit/results/test_audio.py::test_a_file_of_the_same_size_and_another_time_is_read",
    ),
    Protection(
        _NO_OTHER,
        "badc/results/prior.py",
        "job is not None and _same_file(job.output, path)",
        "job is not None",
        "tests/unit/runs/test_deciding.py::test_a_summary_sets_aside_only_what_it_tells_of_itself",
    ),
    Protection(
        _NO_OTHER,
        "badc/results/prior.py",
        "    if recorded.sha256 and ours and recorded.sha256 != ours:\n        return place\n",
        "",
        "tests/unit/runs/test_deciding.py"
        "::test_a_recording_whose_namesake_is_out_of_reach_does_not_take_its_place",
    ),
    Protection(
        _NO_OTHER,
        "badc/runs/listening.py",
        "        assignment.refuse_to_replace(chunk)\n",
        "",
        f"{_FAULTS}/test_two_runs.py::test_what_another_runner_heard_meanwhile_is_not_replaced",
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
        "badc/runs/plan.py",
        '        return f"run again with --resume-summary {shlex.quote(str(self.summary))}"',
        '        return "try your luck"',
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
    Protection(
        _LOG,
        "badc/runs/paths.py",
        "            path.touch(exist_ok=False)",
        "            path.touch()",
        "tests/unit/runs/test_own_log.py::test_no_two_claim_one_log",
    ),
    Protection(
        _LOG,
        "badc/cli/infer_session.py",
        "            if run.records is not None:  # else it was refused",
        "            if run.records or plan.summary.exists():  # else it was refused",
        "tests/cli/test_default_logs.py"
        "::test_a_run_that_cannot_begin_tells_no_figures_and_leaves_no_log",
    ),
    Protection(
        _TYPED,
        "badc/orchestration/saved_plan.py",
        "    plan = saved.model_copy(update=changes)",
        "    plan = saved.model_copy()",
        "tests/unit/orchestration/test_saved_plan.py"
        "::test_one_field_that_is_typed_changes_that_and_no_other",
    ),
    Protection(
        _CLOCK,
        "badc/cluster/steady_clock.py",
        "                setattr(module, name, steady_time)",
        "                pass",
        f"{_FAULTS}/test_clock.py"
        "::test_a_message_comes_though_the_clock_is_set_back_while_it_waits",
    ),
    Protection(
        _CLOCK,
        "badc/cluster/steady_clock.py",
        "    IOLoop.time = _loop_time",
        "    _loop_time",
        f"{_FAULTS}/test_clock.py::test_a_run_whose_clock_is_set_back_by_an_hour_makes_no_pause",
    ),
    Protection(
        _CLOCK,
        "badc/cluster/slots_plugin.py",
        "        keep_steady_time()\n",
        "",
        "tests/unit/cluster/test_steady_clock.py"
        "::test_a_worker_process_keeps_steady_time_once_it_is_made_ready_to_hear",
    ),
    Protection(
        _STALL,
        "badc/runs/stall_watch.py",
        "            if not awaited or self._waited_s",
        "            if awaited or self._waited_s",
        "tests/unit/runs/test_stall_watch.py"
        "::test_a_task_run_whose_end_is_not_told_is_noticed_after_the_grace",
    ),
    Protection(
        _STALL,
        "flows/hearing.py",
        "        raise RunStalledError(str(stall)",
        "        raise LookupError(str(stall)",
        f"{_FAULTS}/test_lost_message.py"
        "::test_a_run_whose_message_is_lost_says_so_ends_and_is_resumed",
    ),
    Protection(
        _APART,
        "badc/chunking/ownership.py",
        "    if other := _other_owner(plan.recording, plan.chunk_dir):",
        "    if other := None:",
        "tests/unit/chunking/test_cut_files.py"
        "::test_a_refusal_names_both_recordings_and_the_way_out",
    ),
    Protection(
        _APART,
        "badc/orchestration/chunk_plan.py",
        "    refuse_other_recordings(cut, _KEEP_APART)\n",
        "",
        "tests/unit/orchestration/test_chunk_plan.py"
        "::test_two_datasets_that_share_a_folder_do_not_overwrite_or_hide_each_other",
    ),
    Protection(
        _MIXED,
        "badc/aggregate/aggregation.py",
        "    if aggregated.detectors.are_mixed:",
        "    if aggregated.chunks_heard_twice:",
        "tests/unit/aggregate/test_detectors.py"
        "::test_half_a_recording_with_other_settings_is_named",
    ),
    Protection(
        _MIXED,
        "badc/report/mixture.py",
        "SELECT recording_id, unnest(listed) AS d FROM told",
        "SELECT recording_id, unnest(listed) AS d FROM told WHERE false",
        "tests/unit/report/test_mixture.py::test_silence_of_the_stub_is_found_in_the_effort_alone",
    ),
    Protection(
        _DOUBLES,
        "badc/aggregate/dedupe.py",
        "            and other.chunk_start_ms < self.chunk_end_ms\n",
        "",
        "tests/unit/aggregate/test_dedupe.py::test_chunks_that_only_adjoin_double_nothing",
    ),
    Protection(
        _DOUBLES,
        "badc/orchestration/table_settings.py",
        "        return not self.keep_doubles\n",
        "        return False\n",
        "tests/cli/test_tables_of_datasets.py"
        "::test_a_pipeline_tells_places_and_local_times_and_counts_no_call_twice",
    ),
    Protection(
        _MOVED,
        "badc/chunking/cut.py",
        "source_path=name_from(base, piece.path)",
        "source_path=str(piece.path)",
        "tests/unit/chunking/test_cut_files.py"
        "::test_manifests_can_be_found_from_any_working_directory",
    ),
    Protection(
        _MOVED,
        "badc/manifest/naming.py",
        "                    yield _whole_move(base, parts[:first], end)\n",
        "                    pass\n",
        f"{_NAMING}::test_absolute_names_of_a_dataset_that_moved_are_found_beside_the_manifest_and_told",
    ),
    Protection(
        _MOVED,
        "badc/manifest/naming.py",
        "self.bases = tuple(dict.fromkeys([*self._around, here]))",
        "self.bases = tuple(dict.fromkeys([self._around[0], own, here]))",
        f"{_NAMING}::test_a_manifest_finds_its_chunks_wherever_the_dataset_is",
    ),
    Protection(
        _MOVED,
        "badc/aggregate/aggregation.py",
        "        locate_chunks(engine, request.manifest)\n",
        "",
        "tests/unit/aggregate/test_moved_results.py"
        "::test_what_moved_with_its_results_is_named_where_it_is_now",
    ),
    Protection(
        _MOVED,
        "badc/runs/checks.py",
        "    if not is_complete:\n",
        "    if True:\n",
        f"{_FAULTS}/test_moved_dataset.py"
        "::test_a_recording_cut_by_itself_is_as_it_was_where_its_folder_is_taken_read_only",
    ),
)
