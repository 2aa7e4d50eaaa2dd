"""git, git-annex and DataLad: whether they are here, and what git says."""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from badc.errors import UsageError
from badc.process import ProcessDoor

_LOOK_LIMIT_S = 600.0


def environment() -> dict[str, str]:
    """Return our environment, with the programs beside our own interpreter on the path."""
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)])}


def first_missing(programs: Iterable[str]) -> str | None:
    """Return the first of ``programs`` that is not here."""
    path = environment()["PATH"]
    return next((name for name in programs if shutil.which(name, path=path) is None), None)


def ask_git(place: Path, door: ProcessDoor, *words: str) -> str:
    """Return what git answers in the folder ``place``; nothing where a setting is not there.

    Raises:
        UsageError: git cannot look at it.
        ProgramMissingError: git is not installed.
    """
    answer = door.run(
        ["git", "-c", "core.quotePath=off", *words],
        cwd=place,
        env=environment(),
        timeout_s=_LOOK_LIMIT_S,
    )
    if answer.returncode not in (0, 1):  # 1: the setting is not there
        said = " ".join((answer.stderr or answer.stdout).split())
        raise UsageError(f"{place}: git cannot look at it ({said}).", "Is it a DataLad dataset?")
    return answer.stdout


def check_identity(place: Path, door: ProcessDoor, otherwise: str) -> None:
    """See whether git knows in whose name commits are made in the folder ``place``.

    Raises:
        UsageError: it does not; ``otherwise`` names the way round.
    """
    for name in ("user.name", "user.email"):
        if not ask_git(place, door, "config", name).strip() and not _by_environment(name):
            raise UsageError(
                f"{place}: git does not know who you are ({name} is not set).",
                f"Set it: git config --global {name} '…'; or use {otherwise}.",
            )


def _by_environment(name: str) -> bool:
    part = name.removeprefix("user.").upper()
    return all(os.environ.get(f"GIT_{who}_{part}") for who in ("AUTHOR", "COMMITTER"))
