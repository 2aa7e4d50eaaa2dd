"""``badc infer run-config``: ``badc infer run`` from a file."""

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli import infer_run
from badc.cli.field_options import fields_of, with_parameters
from badc.cli.typed import typed_options
from badc.requests import InferRequest


def run_config(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Preset to carry out.")],
    **options: Any,  # noqa: ANN401 - those of 'badc infer run'
) -> None:
    """Carry out a run that a TOML file describes, exactly as 'badc infer run' would.

    [runner] holds manifest and the other options of 'badc infer run', [hawkears] extra_args,
    [paths] dataset_root; configs/hawkears-local.toml is one to start from. An option that is typed
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
    names = fields_of(InferRequest, typed_options(context))
    typed = {name: getattr(asked, name) for name in names}
    changes = typed_over_saved(dict(preset), typed)
    if changes:
        warn(f"Typed options override {file}: {', '.join(option_names(InferRequest, changes))}.")
    request = preset.model_copy(update=changes)
    carry_out(request, print_datalad_run=options["print_datalad_run"])


_OF_RUN = inspect.signature(infer_run.run).parameters
with_parameters(run_config, [each for name, each in _OF_RUN.items() if name != "manifest"])
