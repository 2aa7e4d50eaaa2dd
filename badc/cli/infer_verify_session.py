"""One ``badc infer verify``: what is wrong, line by line, and its repair."""

import os
import shlex
from pathlib import Path

import typer

from badc.cli.console import on_one_line, say, warn
from badc.errors import BadcError, UsageError
from badc.manifest import moved_note, read_manifest
from badc.requests import RunnerOptions
from badc.results import Finding
from badc.runs import (
    InferRequest,
    Verification,
    infer_command,
    maker_asked,
    recognised,
    repair_request,
    verify,
)
from badc.runs.command_line import path_word

_RUNNER_HINT = "Name it as the run did: --use-hawkears, --runner NAME or --runner-cmd CMD."


def carry_out(
    output_dir: Path, manifest: Path, request: InferRequest | None, *, repair: bool
) -> None:
    """Verify, say what was found and how to mend it, or mend it and verify again.

    Args:
        output_dir: the folder of results.
        manifest: what should be there.
        request: names the expected runner; None for the one that made most results.
        repair: whether to hear again what hearing puts right.

    Raises:
        UsageError: the folder, the manifest or the runner is not there, or cannot be told.
        Exit: with 1, something is wrong.
    """
    if not os.path.isdir(output_dir):  # noqa: PTH112 - says no to a name too long, where Path raises
        why = "is no folder" if os.path.lexists(output_dir) else "no such folder"
        raise UsageError(f"{output_dir}: {why}.", "Name the folder that 'badc infer run' wrote to.")
    asked = None if request is None else maker_asked(request)
    chunks = read_manifest(manifest, absence_allowed=True)
    if note := moved_note(chunks):
        warn(f"Note: {note}")
    verification = verify(chunks, output_dir, asked)
    _show(verification)
    if verification.to_hear:
        request = request or recognised(verification.expected, manifest)
        if repair:
            _repair(request, output_dir, verification)
            verification = verify(chunks, output_dir, asked or verification.expected)
            _show(verification)
    _say_remedies(verification, output_dir, manifest, request)
    if not verification.all_well:
        raise typer.Exit(1)


def _show(verification: Verification) -> None:
    for finding in verification.findings:
        say(_line(finding))
    of_kind = ", ".join(f"{count} {kind}" for kind, count in verification.counts.items())
    say(f"{len(verification.chunks)} chunks: {verification.intact} intact; {of_kind}")
    if verification.by_size_alone:
        say(
            f"No sha256 stands in the JSON of {verification.by_size_alone} intact chunks:"
            " only the size of their audio was compared."
        )
    if verification.elsewhere:
        say(f"Not opened: {verification.elsewhere} JSON files in folders of other recordings.")


def _line(finding: Finding) -> str:
    return on_one_line(f"{finding.kind}  {finding.key or '-'}  {finding.path}: {finding.why}")


def _repair(request: InferRequest | None, output_dir: Path, verification: Verification) -> None:
    """Hear what is to be heard again; chunks that fail are left for the next verification.

    Raises:
        UsageError: the runner is not known, or the run cannot be carried out.
    """
    if request is None:
        maker = verification.expected
        raise UsageError(
            "--repair: no result says who should listen."
            if maker is None
            else f"--repair: it cannot be told from the results how {maker} was started.",
            _RUNNER_HINT,
        )
    chunks = verification.chunks
    again = repair_request(request, output_dir, chunks, verification.to_hear)
    say(f"Hearing {len(verification.to_hear)} chunks again; they are listed in {again.manifest}")
    from badc.cli.infer_session import listen

    try:
        listen(again)
    except UsageError:
        raise
    except BadcError as error:  # told already; what it left undone, the next verification lists
        warn(f"Error: {error.message}")


def _say_remedies(
    verification: Verification, output_dir: Path, manifest: Path, request: InferRequest | None
) -> None:
    counts = verification.counts
    if verification.to_hear:
        words = ["badc", "infer", "verify", path_word(output_dir), "--manifest", str(manifest)]
        if request is None:
            say(f"To mend it: {shlex.join(words)} --repair, with the options of the run's runner.")
            say(_RUNNER_HINT)
        else:
            say(f"To mend it: {shlex.join([*words, *_runner_words(request), '--repair'])}")
    if counts["audio"]:
        say("Audio is not mended here: fetch it ('datalad get'), or cut the recording again.")
    if counts["foreign"]:
        say("Foreign files are never removed by BADC: look at them, then move them away.")


def _runner_words(request: InferRequest) -> list[str]:
    """Return the options that name the runner of ``request``."""
    if request.runner == "stub":
        return ["--runner", "stub"]
    named = InferRequest(**request.model_dump(include=_NAMING))
    words = infer_command(named)
    return words[words.index(path_word(named.manifest)) + 1 :]


_NAMING = {"manifest", *RunnerOptions.model_fields}
