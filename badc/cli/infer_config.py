"""``badc infer run-config``: ``badc infer run`` from a file."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli import infer_run
from badc.cli.typed import typed_options


def run_config(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Preset to carry out.")],
    **options: Any,  # noqa: ANN401 - those of 'badc infer run'
) -> None:
    """Carry out a run that a TOML file describes, exactly as 'badc infer run' would.

    [runner] holds manifest and the other options of 'badc infer run', [hawkears] extra_args,
    [paths] dataset_root; configs/hawkears-local.toml shows every key. An option that is typed
    counts over the file.

    Relative paths in the file start from dataset_root where it gives one, else from the working
    directory, as those that are typed do.
    """
    from badc.cli.console import warn
    from badc.cli.infer_session import carry_out
    from badc.runs import read_preset
    from badc.runs.overriding import option_names, typed_over_saved

    preset = read_preset(file)
    asked = infer_run.requested({**options, "manifest": preset.manifest})
    names = {_FIELDS.get(name, name) for name in typed_options(context)}
    if "runner_cmd" in names:
        names.add("runner")
    typed = {name: getattr(asked, name) for name in names & type(asked).model_fields.keys()}
    changes = typed_over_saved(dict(preset), typed)
    if changes:
        warn(f"Counts over {file}: {', '.join(option_names(changes))}.")
    request = preset.model_copy(update=changes)
    carry_out(request, print_datalad_run=options["print_datalad_run"])


_FIELDS = {"use_hawkears": "runner", "hawkears_arg": "hawkears_args", "timeout": "timeout_s"}


def _take_options(of: Callable[..., None], but: str) -> None:
    """Give :func:`run_config` each option of another command, so that both have the same."""
    own, others = (inspect.signature(each).parameters for each in (run_config, of))
    taken = {name: each for name, each in {**own, **others}.items() if name not in ("options", but)}
    run_config.__signature__ = inspect.Signature([*taken.values()])  # type: ignore[attr-defined]
    run_config.__annotations__ |= {name: each.annotation for name, each in taken.items()}


_take_options(infer_run.run, but="manifest")
