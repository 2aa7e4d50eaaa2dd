"""Hearing again just those chunks of a manifest whose results are not in order."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from badc.datalad import dataset_root
from badc.errors import BadcError
from badc.manifest import Chunk, name_from, naming_base, write_manifest
from badc.requests import InferRequest, RunnerName
from badc.results import Maker
from badc.runners.choice import choose_runner
from badc.runs.paths import absolute, claim_log, default_telemetry_log, run_dataset

_WITHOUT_ARGUMENTS: tuple[RunnerName, ...] = ("stub", "birdnet", "hawkears")


def maker_asked(request: InferRequest) -> Maker:
    """Return the runner that a request names, as its results would name it.

    Raises:
        UsageError: it cannot run here, or its arguments do not go together.
    """
    runner = choose_runner(
        request.runner,
        command=request.runner_cmd,
        hawkears_args=request.hawkears_args,
        min_confidence=request.min_confidence,
    )
    runner.check()
    is_stub = request.runner == "stub"
    return Maker(runner.fingerprint(), runner.kind, is_stub=is_stub, settings=str(runner))


def recognised(maker: Maker | None, manifest: Path) -> InferRequest | None:
    """Return the request for the runner that made results, or None where it cannot be told.

    A fingerprint cannot be read backwards, but it can be compared: with that of each runner
    installed here, as it is without any arguments.
    """
    for name in _WITHOUT_ARGUMENTS:
        if maker is not None and maker.kind == name:
            with suppress(BadcError, OSError):  # not installed here
                if choose_runner(name).fingerprint() == maker.fingerprint:
                    return InferRequest(manifest=manifest, runner=name)
    return None


def repair_request(
    request: InferRequest, output_dir: Path, chunks: Sequence[Chunk], to_hear: Sequence[Chunk]
) -> InferRequest:
    """Return the request that hears ``to_hear`` again, whatever stands there now.

    Its manifest lists just those. It is written beside the run's telemetry log and stays there: it
    says what was repaired, and an interrupted repair can be resumed like any run. Its name and its
    dataset are those of the request's own manifest, so that results and titles are as they would
    have been.

    Args:
        request: who listens; its manifest is the one that was verified.
        output_dir: where the JSON goes.
        chunks: all of that manifest.
        to_hear: some of them.

    Raises:
        BadcError: the manifest cannot be written.
    """
    dataset = run_dataset(request.manifest, chunks)
    wanted = absolute(default_telemetry_log(request.manifest, dataset))
    try:
        log = claim_log(wanted.parent, request.manifest.stem)
    except OSError as error:
        raise BadcError(
            f"{wanted.parent}: no log can be written there ({error.strerror})."
        ) from error
    # whoever works within a dataset on a manifest that lies in none does not draw it in
    beside = log.parent if dataset_root(log) == dataset else absolute(request.manifest).parent
    manifest = beside / f"{log.stem}.repair" / request.manifest.name
    write_manifest(manifest, [_named_in(manifest, chunk) for chunk in to_hear])
    return request.model_copy(
        update={
            "manifest": manifest,
            "output_dir": absolute(output_dir),
            "telemetry_log": log,
            "keep_going": True,
            "rerun": True,
        }
    )


def _named_in(manifest: Path, chunk: Chunk) -> Chunk:
    """Return ``chunk`` as another manifest names it."""
    base = naming_base(manifest, chunk.path, chunk.named_from)
    return replace(chunk, source_path=name_from(base, chunk.path))
