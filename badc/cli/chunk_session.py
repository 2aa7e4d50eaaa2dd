"""One ``badc chunk run``: a cut, and what is said of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar

from badc.chunking import CutPlan, Progress, cut
from badc.cli.console import say, warn


def make(plan: CutPlan) -> None:
    """Make a cut, with a bar on a terminal, and say what became of it."""
    with _progress_bar(plan.recording.name) as progress:
        done = cut(plan, progress)
    for warning in done.warnings:
        warn(f"Warning: {warning}")
    if done.leftovers:
        warn(
            f"Note: {plan.chunk_dir} still holds {count(done.leftovers)} of an earlier cut;"
            " the manifest does not list them."
        )
    say(f"{count(len(done.chunks))} in {plan.chunk_dir}")
    say(f"Manifest: {plan.manifest}")


def count(chunks: int) -> str:
    """Return ``3 chunks``."""
    return f"{chunks} chunk{'s' * (chunks != 1)}"


@contextmanager
def _progress_bar(name: str) -> Iterator[Progress]:
    """Yield a callback that moves a bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(name), total=None)
        yield lambda done_s, total_s: bar.update(task, completed=done_s, total=total_s)
