"""The ``badc`` command: its sub-commands and its error boundary."""

import os
import signal
import sys
from io import TextIOWrapper

import typer

from badc import __version__
from badc.cli import gpus
from badc.cli.console import say, warn
from badc.cli.later import Later
from badc.cli.leaving import hurried, leave_in_peace, say_once
from badc.cli.signals import ending_on_signals
from badc.cli.telemetry import telemetry
from badc.errors import BadcError, RunCancelledError, Terminated

app = typer.Typer(
    name="badc",
    help="From field recordings of birds to a table of detections.\n\n"
    "Relative paths start from the working directory; folders of a dataset (--manifest-dir,"
    " --chunks-dir, and --output-dir and --telemetry-dir of 'infer orchestrate') from DATASET.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help and one-line errors, and a tenth of a second less
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, about in {
    "chunk": "Cut recordings into chunks.",
    "infer": "Listen to chunks and gather detections.",
    "meta": "Look at where and when recordings were made.",
    "report": "Look at detections: counts, files, exports, a page.",
    "pipeline": "From recordings to reports in one go.",
    "data": "Connect DataLad datasets, and see what of them is here.",
}.items():
    app.add_typer(
        typer.Typer(cls=Later, no_args_is_help=True, rich_markup_mode=None), name=name, help=about
    )
app.command()(telemetry)
app.command()(gpus.gpus)


@app.command()
def version() -> None:
    """Print BADC's version."""
    say(f"badc {__version__}")


def main() -> None:
    """Run ``badc``; turn what went wrong into one line and an exit code.

    0: all well; 1: work failed; 2: the request cannot be carried out; 3: somebody cancelled the
    run in Prefect; 130 and 143: interrupted by Ctrl-C or SIGTERM.
    """
    _print_what_can_be()
    try:
        with ending_on_signals():
            app()
    except SystemExit as ended:
        if ended.code == 128 + signal.SIGINT or hurried():  # so typer ends what Ctrl-C broke off
            leave_in_peace(ended.code if isinstance(ended.code, int) else 0)
        raise
    except BadcError as error:
        _tell(error)
        if hurried():
            leave_in_peace(error.exit_code)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # the reader of our output went away (badc … | head); nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("BADC_TRACEBACK"):
            raise
        warn(f"Error: unexpected {type(error).__name__}: {' '.join(str(error).split())}")
        warn("This is a fault of BADC. BADC_TRACEBACK=1 shows where it happened; please report it.")
        sys.exit(1)
    except KeyboardInterrupt:
        leave_in_peace(128 + signal.SIGINT)
        warn("Interrupted.")
        sys.exit(128 + signal.SIGINT)
    except Terminated:
        leave_in_peace(128 + signal.SIGTERM)
        sys.exit(128 + signal.SIGTERM)


def _tell(error: BadcError) -> None:
    if not isinstance(error, RunCancelledError):
        warn(f"Error: {error}")
    elif say_once():
        warn(str(error))


def _print_what_can_be() -> None:
    """Let ? stand for what a terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
