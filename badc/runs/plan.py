"""A request, decided: every file found, every default filled in, every refusal made."""

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc.errors import UsageError
from badc.hardware import GpuInventory, Slot, check_slot_wishes, decide_slots, find_gpus
from badc.manifest import Chunk, ChunkKey, read_manifest
from badc.requests import ChunksPerTask, InferRequest
from badc.results import (
    AudioDigests,
    Done,
    FinishedChunks,
    PriorResults,
    digest_memory,
    look_through,
    read_finished,
)
from badc.runners.choice import choose_runner
from badc.runners.protocol import Runner
from badc.runs.assignment import Assignment
from badc.runs.checks import check_log, check_output_dir, check_timeout, dataset_for_log
from badc.runs.cluster_profile import chosen_cluster
from badc.runs.clusters import Cluster, SlurmJobs
from badc.runs.paths import (
    absolute,
    default_output_dir,
    default_telemetry_log,
    run_dataset,
    summary_path,
)
from badc.runs.prior_results import refuse_what_is_in_the_way


@dataclass(frozen=True)
class InferPlan:
    """A run that can start. Nothing has been written yet.

    Attributes:
        manifest: absolute.
        chunks: all of the manifest, in its order.
        prior: what stands in the place of the chunks' JSON.
        assignment: what the slots need to know.
        slots: where chunks run on this host; empty with ``cluster``.
        gpu_count: how many GPUs there are to use.
        gpu_diagnosis: one line about them.
        telemetry_log, summary: where the run keeps its records.
        cluster: where they run instead, or None.
        chunks_per_task: how many chunks a task run carries.
    """

    manifest: Path
    chunks: tuple[Chunk, ...]
    prior: PriorResults
    assignment: Assignment
    slots: tuple[Slot, ...]
    gpu_count: int
    gpu_diagnosis: str
    telemetry_log: Path
    summary: Path
    cluster: Cluster | None
    chunks_per_task: ChunksPerTask = 1

    @property
    def outstanding(self) -> list[Chunk]:
        """The chunks to hear, in order."""
        return [chunk for chunk in self.chunks if chunk.key not in self.done]

    @property
    def done(self) -> dict[ChunkKey, Done]:
        """The chunks that are not to be heard, since their results would come out the same."""
        return {} if self.assignment.rerun else self.prior.done

    @property
    def how_to_go_on(self) -> str:
        """What lets a run go on that failed, in words."""
        if self.assignment.rerun:
            return "run again with --rerun, which hears every chunk again"
        return f"run again with --resume-summary {shlex.quote(str(self.summary))}"

    @property
    def again(self) -> str:
        """How a run goes on that was stopped, in a sentence."""
        if self.assignment.rerun:
            return "The same command hears every chunk again, as --rerun asks."
        return (
            f"Type the same command again, or {self.how_to_go_on}: chunks that are done are not"
            " repeated."
        )

    @property
    def output_dir(self) -> Path:
        """Where the JSON goes."""
        return self.assignment.output_dir


def check_request(request: InferRequest) -> Runner:
    """See whether a request makes sense by itself; return its runner, not looked for yet.

    Raises:
        UsageError: a number is impossible, or runner and arguments do not go together.
    """
    if request.max_retries < 0:
        raise UsageError(f"--max-retries {request.max_retries} is negative.", "Use 0 for none.")
    check_timeout(request.timeout_s)
    if request.chunks_per_task != "auto" and request.chunks_per_task < 1:
        raise UsageError(
            f"--chunks-per-task {request.chunks_per_task} is below 1.", "Use 1 or more, or auto."
        )
    if request.min_free_gib is not None and not 0 <= request.min_free_gib < float("inf"):
        raise UsageError(
            f"--min-free-gib {request.min_free_gib:g} is no amount.", "Give GiB, 0 or more."
        )
    check_slot_wishes(**slot_wishes(request))
    elsewhere = chosen_cluster(request.scheduler_address, request.cluster_profile)
    if request.gpu_only and elsewhere is not None:
        raise UsageError(
            "--gpu-only is about this host's slots, and another option names a cluster elsewhere.",
            "Leave it out; start GPU workers only.",
        )
    return choose_runner(
        request.runner,
        command=request.runner_cmd,
        hawkears_args=request.hawkears_args,
        min_confidence=request.min_confidence,
    )


def slot_wishes(request: InferRequest) -> dict[str, Any]:
    """Return what a request says of slots, as :func:`badc.hardware.decide_slots` takes it."""
    return request.model_dump(include={"max_gpus", "cpu_workers", "chunks_per_gpu", "gpu_only"})


def decide(request: InferRequest, detect: Callable[[], GpuInventory] = find_gpus) -> InferPlan:
    """Work out everything about a run without beginning it.

    Raises:
        UsageError: whatever cannot be carried out as asked. Nothing has been written then.
    """
    runner = check_request(request)
    inventory = detect()
    slots = decide_slots(inventory.gpus, **slot_wishes(request))
    chunks = read_manifest(request.manifest)
    runner.check()
    cluster = chosen_cluster(request.scheduler_address, request.cluster_profile)
    if cluster is not None:
        cluster.check()
    dataset = run_dataset(request.manifest, chunks)
    output_dir = absolute(request.output_dir or default_output_dir(dataset))
    home = dataset_for_log(dataset)
    log = absolute(request.telemetry_log or default_telemetry_log(request.manifest, home))
    check_log(log)
    fingerprint = runner.fingerprint()
    prior = look_through(
        chunks, output_dir, fingerprint, AudioDigests(digest_memory()), _finished(request, chunks)
    )
    if request.rerun_finished and _is_finished(prior, len(chunks)):
        request = request.model_copy(update={"rerun": True})
    refuse_what_is_in_the_way(prior, request, runner, output_dir)
    stands = {} if request.rerun else prior.done
    is_complete = all(chunk.key in stands and not stands[chunk.key].elsewhere for chunk in chunks)
    check_output_dir(output_dir, is_complete=is_complete)
    if not is_complete:
        _refuse_little_room(output_dir, request.min_free_gib or 0.0)
    return InferPlan(
        manifest=absolute(request.manifest),
        chunks=chunks,
        prior=prior,
        assignment=Assignment(
            runner=runner,
            fingerprint=fingerprint,
            output_dir=output_dir,
            dataset_root=dataset,
            timeout_s=request.timeout_s,
            max_retries=request.max_retries,
            keep_going=request.keep_going,
            rerun=request.rerun,
            slots=cluster.processes if isinstance(cluster, SlurmJobs) else len(slots),
            replaces=request.replace or request.rerun,
        ),
        slots=slots if cluster is None else (),
        gpu_count=len(inventory.gpus),
        gpu_diagnosis=inventory.diagnosis,
        telemetry_log=log,
        summary=summary_path(log),
        cluster=cluster,
        chunks_per_task=request.chunks_per_task,
    )


def _is_finished(prior: PriorResults, chunks: int) -> bool:
    """Say whether a manifest was heard to its end, be it by what the runner was before.

    A mixture is a run that was broken off, and goes on.
    """
    others = [prior.of_stub, prior.of_other_audio, *prior.of_others.values()]
    return len(prior.done) == chunks or (not prior.done and sum(map(len, others)) == chunks)


def _refuse_little_room(folder: Path, wanted_gib: float) -> None:
    """Refuse a run that might fill the disk of ``folder``, which need not be there yet."""
    standing = next(place for place in (folder, *folder.parents) if place.exists())
    free_gib = shutil.disk_usage(standing).free / 2**30
    if free_gib < wanted_gib:
        raise UsageError(
            f"{folder}: {free_gib:.3g} GiB are free on its disk, fewer than --min-free-gib"
            f" {wanted_gib:g}.",
            "Make room, or choose another place with --output-dir.",
        )


def _finished(request: InferRequest, chunks: tuple[Chunk, ...]) -> FinishedChunks | None:
    if request.resume_summary is None:
        return None
    return read_finished(request.resume_summary, [chunk.key for chunk in chunks])
