"""A request as the command line that would make it, plain or recorded by DataLad."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from badc.datalad import Recorded
from badc.errors import UsageError
from badc.manifest import read_manifest
from badc.requests import InferRequest, options_of, paths_of
from badc.runs.paths import (
    absolute,
    default_output_dir,
    default_telemetry_log,
    run_dataset,
    summary_path,
)
from badc.runs.portable_words import from_anywhere, hawkears_settings


def infer_command(request: InferRequest) -> list[str]:
    """Return the words of the ``badc infer run`` that makes ``request``; defaults are left out."""
    asked = request.model_dump(exclude_defaults=True)
    words = ["badc", "infer", "run", path_word(request.manifest)]
    if request.runner in ("stub", "birdnet") and "runner" in asked:
        words += ["--runner", request.runner]
    if request.runner == "hawkears":
        words.append("--use-hawkears")
    return words + option_words(InferRequest, asked, but={"runner"})


def path_word(path: Path) -> str:
    """Return a path as a word that is not taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def option_words(
    model: type[BaseModel], asked: Mapping[str, Any], *, but: Collection[str] = ()
) -> list[str]:
    """Return the options that say what was asked.

    Args:
        model: the request; what it names by position is left to the caller.
        asked: field -> value; a request without its defaults.
        but: fields that are said in another way.
    """
    words: list[str] = []
    for name, option in options_of(model).items():
        value = asked.get(name)
        if name in but or option.cli.positional or value is None or value is False:
            continue
        if option.kind == "switch":
            words.append(option.word)
        elif option.kind == "texts":
            words += [f"{option.word}={text}" for text in value]
        else:
            words += [option.word, str(value)]
    return words


def datalad_run_line(request: InferRequest, *, hears: bool = True) -> str:
    """Return a shell line that makes ``request`` and has DataLad record it; see there.

    Raises:
        UsageError: neither the manifest nor its chunks lie in a dataset.
    """
    return recorded_run(request, hears=hears).line()


def recorded_run(request: InferRequest, *, hears: bool = True) -> Recorded:
    """Return what DataLad is to run and record for ``request``.

    Paths in it are relative to the dataset's root, so that the record it leaves can be run again in
    any clone; what was found from the working directory is found from there as well.

    Args:
        request: what is asked.
        hears: whether there is anything to hear. If so the record hears all of it again when
            DataLad runs it again, but goes on where it was broken off (decision 10).

    Raises:
        UsageError: neither the manifest nor its chunks lie in a dataset.
    """
    chunks = read_manifest(request.manifest, content_needed=False)  # DataLad fetches it
    root = run_dataset(request.manifest, chunks)
    if root is None:
        raise UsageError(
            f"{request.manifest}: lies in no DataLad dataset, so there is nothing to record in.",
            "Run without --print-datalad-run, or make a dataset with 'datalad create'.",
        )
    manifest = absolute(request.manifest)
    output_dir = absolute(request.output_dir or default_output_dir(root))
    log = absolute(request.telemetry_log or default_telemetry_log(request.manifest, root))
    named = dict(request) | {"output_dir": output_dir, "telemetry_log": log}
    settled = request.model_copy(
        update={
            **{
                name: named[name] and _seen_from(root, absolute(named[name]))
                for name in paths_of(InferRequest)
            },
            "runner_cmd": from_anywhere(request.runner_cmd, root),
            "rerun_finished": request.rerun_finished or (hears and not request.rerun),
        }
    )
    summary = summary_path(log)
    inputs = [manifest, *sorted({chunk.path.parent for chunk in chunks})]
    if request.resume_summary is not None:
        inputs.append(absolute(request.resume_summary))
    return Recorded(
        root=root,
        message=f"Infer {request.manifest.stem}",
        inputs=_within(root, inputs),
        outputs=_within(
            root, [output_dir, log, summary, summary.with_name(f"{summary.name}.workers.csv")]
        ),
        command=(*hawkears_settings(request, root), *infer_command(settled)),
    )


def _seen_from(root: Path, path: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _within(root: Path, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths that lie in the dataset, seen from it; DataLad knows nothing of others."""
    return tuple(path.relative_to(root) for path in paths if path.is_relative_to(root))
