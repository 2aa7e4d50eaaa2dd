"""From a dataset to its plan: which recordings there are, and which are still to be heard."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from badc.chunking import STATUS_NAME, read_status
from badc.errors import BadcError, UsageError
from badc.home import from_home
from badc.manifest import Chunk, read_manifest
from badc.orchestration.completeness import look_at_results, runner_of
from badc.orchestration.plan_files import read_recordings
from badc.orchestration.recording_plan import RecordingPlan
from badc.orchestration.saved_plan import overridden, refuse_ignored
from badc.requests import OrchestrateRequest, RunOptions, paths_of
from badc.results import AudioDigests, PriorResults, digest_memory
from badc.runs import check_request
from badc.runs.prior_results import refuse_what_is_in_the_way

_ELSEWHERE = "'badc infer orchestrate' another --output-dir"


@dataclass(frozen=True)
class PlannedRecording:
    """A recording, its chunks, and how many of them are still to be heard.

    Attributes:
        plan: what is to be done.
        chunks: all chunks of its manifest.
        outstanding: those that have no finished JSON; all, where all are to be heard again.
    """

    plan: RecordingPlan
    chunks: tuple[Chunk, ...]
    outstanding: tuple[Chunk, ...]


@dataclass(frozen=True)
class DatasetPlan:
    """What is to be done with a dataset.

    Attributes:
        dataset: its folder, absolute.
        recordings: those to be heard, in order.
        heard: those left out because every chunk has been heard.
        broken: manifests that cannot be read, each with the reason.
        output_dir: the folder of all recordings' JSON.
        overridden: option -> for how many recordings it changed what the saved plan says.
    """

    dataset: Path
    recordings: tuple[PlannedRecording, ...]
    heard: tuple[RecordingPlan, ...]
    broken: tuple[tuple[Path, str], ...]
    output_dir: Path
    overridden: Mapping[str, int] = field(default_factory=dict)

    @property
    def done(self) -> tuple[str, ...]:
        """The ids of those left out because every chunk has been heard."""
        return tuple(plan.recording_id for plan in self.heard)

    @property
    def override_note(self) -> str:
        """One line about what was typed over the saved plan; empty where nothing was."""
        told = [f"{option} ({count})" for option, count in sorted(self.overridden.items())]
        return (
            f"Typed options override the saved plan (recordings): {', '.join(told)}."
            if told
            else ""
        )


def plan_dataset(request: OrchestrateRequest) -> DatasetPlan:
    """Look at a dataset and decide what is to be heard. Nothing is written.

    Raises:
        UsageError: the dataset, its manifests or the saved plan are not there, two manifests name
            one recording, or an option makes no sense.
        IncompleteChunksError: recordings were not cut completely, and that is not allowed.
    """
    dataset = Path(os.path.abspath(from_home(request.dataset, "The dataset")))
    if not dataset.is_dir():
        raise UsageError(f"{dataset}: is no folder.", "Name the dataset's folder.")
    if request.limit is not None and request.limit < 0:
        raise UsageError(f"--limit {request.limit} is negative.", "Leave it out for all.")
    taken: list[PlannedRecording] = []
    heard: list[RecordingPlan] = []
    broken: list[tuple[Path, str]] = []
    digests, prior = AudioDigests(digest_memory()), PriorResults()
    check_request(_plan(request, dataset, "any", dataset).request())
    changed: Counter[str] = Counter()
    for plan in _distinct(_candidates(request, dataset, changed)):
        if request.limit is not None and len(taken) >= request.limit:
            break
        try:
            recording, standing = _look_at(plan, digests)
        except BadcError as error:
            broken.append((plan.manifest_path, str(error)))
            continue
        prior.add(standing)
        if recording.outstanding or request.include_existing:
            taken.append(recording)
        else:
            heard.append(plan)
    _refuse_what_is_in_the_way(taken, prior)
    if not request.allow_partial_chunks:
        _refuse_partial(recording.plan for recording in taken)
    folders = {plan.output_dir for plan in (*(each.plan for each in taken), *heard)}
    folder = folders.pop() if len(folders) == 1 else _below(dataset, request.output_dir)
    return DatasetPlan(dataset, tuple(taken), tuple(heard), tuple(broken), folder, changed)


def plan_complete(request: OrchestrateRequest) -> DatasetPlan:
    """Plan as :func:`plan_dataset` does, but let recordings not cut completely stop no other.

    They count as broken, unless the request allows them.

    Raises:
        UsageError: as there.
    """
    if request.allow_partial_chunks:
        return plan_dataset(request)
    plan = plan_dataset(request.model_copy(update={"allow_partial_chunks": True}))
    partial = [each.plan for each in plan.recordings if _is_partial(each.plan)]
    return replace(
        plan,
        recordings=tuple(each for each in plan.recordings if not _is_partial(each.plan)),
        broken=(
            *plan.broken,
            *((each.manifest_path, f"its cut is {each.chunk_status}.") for each in partial),
        ),
    )


class IncompleteChunksError(BadcError):
    """Recordings whose chunk folders are half-written."""


def _candidates(
    request: OrchestrateRequest, dataset: Path, changed: Counter[str]
) -> Iterator[RecordingPlan]:
    """Yield a plan for each recording; count in ``changed`` what was typed over a saved plan."""

    def asked_for(recording: str, manifest: Path) -> RecordingPlan:
        return _plan(request, dataset, recording, manifest)

    if request.chunk_plan is not None:
        place = _below(dataset, request.chunk_plan)
        refuse_ignored(request, place)
        for saved in read_recordings(place, dataset, asked_for):
            asked = asked_for(saved.recording_id, saved.manifest_path)
            plan, options = overridden(saved, request, asked)
            changed.update(options)
            yield plan
        return
    folder = _below(dataset, request.manifest_dir)
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: there is no folder of manifests.",
            "Make some with 'badc chunk orchestrate', or name it with --manifest-dir.",
        )
    try:
        # a link to content that is not here counts: what it says is not known, but that it is there
        found = sorted(
            path for path in folder.glob(request.pattern) if path.is_file() or path.is_symlink()
        )
    except (ValueError, NotImplementedError) as error:
        raise UsageError(f"--pattern {request.pattern!r}: {error}.", "Use '*.csv'.") from None
    for path in found:
        yield asked_for(path.stem, path)


def _plan(
    request: OrchestrateRequest, dataset: Path, recording_id: str, manifest: Path
) -> RecordingPlan:
    output_dir = _below(dataset, request.output_dir)
    chunk_dir = _below(dataset, request.chunks_dir) / recording_id
    status = read_status(chunk_dir)
    options = request.run_options()
    for name in paths_of(RunOptions):
        options[name] = options[name] and _below(dataset, options[name])
    return RecordingPlan(
        recording_id=recording_id,
        manifest_path=manifest,
        output_dir=output_dir,
        recording_output_dir=output_dir / recording_id,
        telemetry_log=_below(dataset, request.telemetry_dir) / "infer" / f"{recording_id}.jsonl",
        chunk_status=None if status is None else str(status.get("status")),
        chunk_status_path=None if status is None else chunk_dir / STATUS_NAME,
        **options,
    )


def _distinct(plans: Iterable[RecordingPlan]) -> Iterator[RecordingPlan]:
    seen: dict[str, Path] = {}
    for plan in plans:
        other = seen.setdefault(plan.recording_id, plan.manifest_path)
        if other != plan.manifest_path:
            raise UsageError(
                f"{plan.manifest_path}: names recording {plan.recording_id!r}, as does {other}.",
                "Rename one of them: a recording's outputs are named for its manifest.",
            )
        yield plan


def _look_at(plan: RecordingPlan, digests: AudioDigests) -> tuple[PlannedRecording, PriorResults]:
    chunks = read_manifest(plan.manifest_path, audio_needed=False)
    outstanding, prior = look_at_results(plan, chunks, digests)
    return PlannedRecording(plan, chunks, chunks if plan.rerun else outstanding), prior


def _refuse_what_is_in_the_way(taken: Sequence[PlannedRecording], prior: PriorResults) -> None:
    """Refuse a whole dataset, before anything is written, where one recording would be refused."""
    if taken:
        first = taken[0].plan
        refuse_what_is_in_the_way(
            prior, first.request(), runner_of(first), first.output_dir, _ELSEWHERE
        )


def _refuse_partial(plans: Iterable[RecordingPlan]) -> None:
    partial = [f"{plan.recording_id} ({plan.chunk_status})" for plan in plans if _is_partial(plan)]
    if partial:
        raise IncompleteChunksError(
            f"{len(partial)} recordings are not cut completely: {', '.join(partial)}.",
            "Cut them again with 'badc chunk orchestrate --apply', or use --allow-partial-chunks.",
        )


def _is_partial(plan: RecordingPlan) -> bool:
    return plan.chunk_status not in (None, "completed")


def _below(dataset: Path, path: Path) -> Path:
    return Path(os.path.abspath(dataset / from_home(path, "The request")))
