"""A folder seen as a clone of a dataset: what it is, and what of it is here."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from badc.datalad.address import Address
from badc.datalad.programs import ask_git, environment, first_missing
from badc.errors import UsageError
from badc.process import ProcessDoor


@dataclass(frozen=True)
class Content:
    """The annexed files of a clone.

    Attributes:
        here: how many have their content here.
        total: how many there are.
    """

    here: int
    total: int


def is_clone(place: Path, door: ProcessDoor) -> bool:
    """Say whether ``place`` is the top of a git repository of its own.

    A folder within another repository is none, though git would take it for part of one.
    """
    if not os.path.lexists(place / ".git"):
        return False
    try:
        top = ask_git(place, door, "rev-parse", "--show-toplevel").rstrip("\n")
    except UsageError:
        return False
    return os.path.realpath(top) == os.path.realpath(place)


def origin_of(place: Path, door: ProcessDoor) -> Address | None:
    """Return where a clone comes from, or None for a dataset that was made here."""
    url = ask_git(place, door, "config", "--get", "remote.origin.url").rstrip("\n")
    return Address.parse(url, place) if url else None


def unsaved(place: Path, door: ProcessDoor) -> list[str]:
    """Return the paths in a clone that are changed or new, as git names them; the last of many."""
    return [line[3:] for line in ask_git(place, door, "status", "--porcelain").splitlines()]


def content_of(place: Path, door: ProcessDoor) -> Content | None:
    """Count a clone's annexed files; None where git-annex is not installed or keeps nothing here.

    Raises:
        UsageError: git-annex cannot look at it.
    """
    if first_missing(["git-annex"]) or not _has_annex(place, door):
        return None
    words = ["git", "-c", "annex.autoinit=false", "annex", "info", "--json", "--bytes", "."]
    answer = door.run(words, cwd=place, env=environment())
    try:
        found = json.loads(answer.stdout)
        return Content(found["local annex keys"], found["annexed files in working tree"])
    except (ValueError, KeyError, TypeError):
        said = " ".join((answer.stderr or answer.stdout).split())
        raise UsageError(
            f"{place}: git-annex cannot look at it ({said}).", "See 'git annex info' there."
        ) from None


def _has_annex(place: Path, door: ProcessDoor) -> bool:
    words = ["for-each-ref", "--format=%(refname)", "refs/heads/git-annex"]
    return bool(
        ask_git(place, door, *words, "refs/remotes/*/git-annex").strip()
        or ask_git(place, door, "config", "--get", "annex.uuid").strip()
    )
