"""``badc infer``: chunks into detections."""

import typer

from badc.cli.aggregate import aggregate

app = typer.Typer(help="Listen to chunks and gather detections.", no_args_is_help=True)
app.command("aggregate")(aggregate)
