"""``badc infer``: chunks into detections."""

import typer

app = typer.Typer(help="Listen to chunks and gather detections.", no_args_is_help=True)
