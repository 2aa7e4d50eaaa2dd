"""The ``badc`` command: its sub-commands and its error boundary."""

import os
import signal
import sys

import typer

from badc import __version__
from badc.cli import chunk, infer, meta
from badc.cli.console import say, warn
from badc.errors import BadcError

app = typer.Typer(
    name="badc",
    help="From field recordings of birds to a table of detections.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(chunk.app, name="chunk")
app.add_typer(infer.app, name="infer")
app.add_typer(meta.app, name="meta")


@app.command()
def version() -> None:
    """Print BADC's version."""
    say(f"badc {__version__}")


def main() -> None:
    """Run ``badc``; turn what went wrong into one line and an exit code.

    0: all well; 1: work failed; 2: the request cannot be carried out; 130 and 143: interrupted
    by Ctrl-C or SIGTERM.
    """
    try:
        app()
    except BadcError as error:
        warn(f"Error: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        warn("Interrupted.")
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        # the reader of our output went away (badc … | head); nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
