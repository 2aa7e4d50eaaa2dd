"""``badc chunk``: recordings into chunks."""

import typer

app = typer.Typer(help="Cut recordings into chunks.", no_args_is_help=True, rich_markup_mode=None)
