"""A command that DataLad is to run and record: as words, and carried out."""

import glob
import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from badc.datalad.programs import ask_git, check_identity, environment, first_missing
from badc.errors import BadcError, UsageError
from badc.process import ProcessDoor

_NAMED = 5
_PROGRAMS = ("datalad", "git-annex", "badc")
SWITCH = "BADC_DISABLE_DATALAD"


@dataclass(frozen=True)
class Recorded:
    """One command, and what DataLad has to know about it.

    Attributes:
        root: the dataset; the command runs there, and paths below are relative to it.
        message: the commit's first line.
        inputs: files and folders that must be here before.
        outputs: files and folders that it may change; they are unlocked before.
        command: the words to run.
    """

    root: Path
    message: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    command: tuple[str, ...]

    def words(self) -> list[str]:
        """Return the ``datalad run`` that does it, from within the root.

        DataLad fills ``{placeholders}`` into the command, so braces of ours are doubled there.
        """
        words = ["datalad", "run", "-m", self.message]
        for option, paths in (("--input", self.inputs), ("--output", self.outputs)):
            for path in paths:
                words += [option, _pattern(path)]
        command = (word.replace("{", "{{").replace("}", "}}") for word in self.command)
        return [*words, "--", *command]

    def line(self) -> str:
        """Return it as a line for a shell: in this folder, or in any if this is not the root."""
        words = self.words()
        if self.root != Path.cwd():
            words[1:1] = ["-C", str(self.root)]  # with -d, paths would start from where one is
        return shlex.join(words)

    def carry_out(self, door: ProcessDoor) -> None:
        """Have DataLad run and record it; what it prints goes to our own terminal.

        What a command that failed has left is saved without a record: so the next one finds the
        dataset clean, and what was finished is not lost.

        Raises:
            UsageError: DataLad is not installed, or the dataset cannot take a record now.
            BadcError: the command failed, or its record could not be made.
        """
        check_recordable(self.root, door)
        returncode = door.run_here(self.words(), cwd=self.root, env=environment())
        if returncode == 0:
            return
        saved = save(self.root, f"{self.message} (not finished)", self.outputs, door)
        raise BadcError(
            f"datalad run ended with exit status {returncode} in {self.root}, for"
            f" '{self.message}'.",
            "Its reason stands above. "
            + (
                "See 'git status'." if saved else "What it had finished is saved, without a record."
            ),
        )


def save(root: Path, message: str, paths: Iterable[Path], door: ProcessDoor) -> int:
    """Have DataLad save what there is of ``paths`` (from the root); return its exit status."""
    there = [str(path) for path in paths if os.path.lexists(root / path)]
    if not there:
        return 0
    words = ["datalad", "save", "-m", message, "--", *there]
    return door.run_here(words, cwd=root, env=environment())


def records(root: Path | None, asked: bool | None) -> bool:
    """Say whether work in the dataset at ``root`` is to be recorded.

    Args:
        root: None outside any dataset, where nothing can be.
        asked: what the user said; None leaves it to whether DataLad is installed.

    ``BADC_DISABLE_DATALAD`` forbids it in any case.
    """
    allowed = os.environ.get(SWITCH, "").strip().lower() in ("", "0", "false", "no")
    if root is None or asked is False or not allowed:
        return False
    return asked is True or not first_missing(_PROGRAMS)


def check_recordable(root: Path, door: ProcessDoor) -> None:
    """See whether DataLad can record a command in the dataset at ``root``.

    Raises:
        UsageError: a program or the git identity is missing, or something is not saved.
    """
    if missing := first_missing(_PROGRAMS):
        raise UsageError(
            f"{missing} was not found, so nothing can be recorded in {root}.",
            "Install BADC with pip install 'badc[datalad]', or use --no-record-datalad.",
        )
    check_identity(root, door, "--no-record-datalad")
    changed = [line[3:] for line in ask_git(root, door, "status", "--porcelain").splitlines()]
    if changed:
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        raise UsageError(
            f"{root}: has changes that are not saved: {', '.join(changed[:_NAMED])}{more}.",
            "Save them with 'datalad save', or use --no-record-datalad.",
        )


def _pattern(path: Path) -> str:
    """Return the pattern that DataLad is to take for ``path``.

    It has no braces. DataLad fills placeholders into inputs and outputs too, and records what it
    got, so that it would meet doubled braces single when the record is run again.
    """
    escaped = glob.escape(str(path))
    pattern = escaped.replace("{", "[z-|]").replace("}", "[|-~]")  # ranges around a brace
    return f"./{pattern}" if pattern.startswith("-") else pattern
