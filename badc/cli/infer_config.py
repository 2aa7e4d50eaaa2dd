"""``badc infer run-config``: ``badc infer run`` from a file."""

from pathlib import Path
from typing import Annotated

import typer


def run_config(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Preset to carry out.")],
    print_datalad_run: Annotated[
        bool,
        typer.Option("--print-datalad-run", help="Print a 'datalad run' command; run nothing."),
    ] = False,
) -> None:
    """Carry out a run that a TOML file describes, exactly as 'badc infer run' would.

    [runner] holds manifest and the other options of 'badc infer run', [hawkears] extra_args,
    [paths] dataset_root; configs/hawkears-local.toml shows every key.

    Relative paths in the file start from dataset_root where it gives one, else from the working
    directory.
    """
    from badc.cli.infer_session import carry_out
    from badc.runs import read_preset

    carry_out(read_preset(file), print_datalad_run=print_datalad_run)
