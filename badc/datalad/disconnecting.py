"""Disconnecting a dataset: its folder stays; its content goes where git-annex knows of copies."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from badc.datalad.clone import content_of, is_clone, origin_of, unsaved
from badc.datalad.connecting import place_of
from badc.datalad.programs import environment
from badc.datalad.registry import Registration
from badc.errors import UsageError
from badc.process import ProcessDoor


@dataclass(frozen=True)
class Dropped:
    """What became of a clone's content.

    Attributes:
        gone: annexed files whose content is no longer here.
        stayed: annexed files whose content is still here, because no other copy is sure.
        examples: some of those that stayed.
        reason: git-annex's own words about one of them.
        unsaved: changes that are not saved; they are untouched. The last of many.
    """

    gone: int
    stayed: int
    examples: tuple[str, ...]
    reason: str
    unsaved: tuple[str, ...]


@dataclass(frozen=True)
class Disconnection:
    """A disconnection, decided but not begun.

    Attributes:
        registration: what is to be registered.
        command: the words that drop content; empty where there is none to drop.
        is_there: whether the dataset's folder is.
    """

    registration: Registration
    command: tuple[str, ...]
    is_there: bool

    def drop(self, door: ProcessDoor) -> Dropped:
        """Drop the content that git-annex can be sure of elsewhere, and say what stayed.

        Raises:
            UsageError: git or git-annex cannot look at the dataset.
        """
        place = self.registration.path
        before = content_of(place, door)
        if not self.command or before is None:
            return Dropped(0, 0, (), "", ())
        answer = door.run(self.command, cwd=place, env=environment())
        after = content_of(place, door) or before
        examples, reason = _refusals(answer.stdout)
        return Dropped(
            gone=before.here - after.here,
            stayed=after.here,
            examples=examples,
            reason=reason or " ".join(answer.stderr.split()),
            unsaved=tuple(unsaved(place, door)),
        )


def plan_disconnection(
    name: str,
    parent: Path | None,
    known: Mapping[str, Registration],
    door: ProcessDoor,
    *,
    drop_content: bool,
) -> Disconnection:
    """Decide how a dataset is disconnected. Nothing is written.

    Raises:
        UsageError: the registry does not know it, or its content is to be dropped and its folder
            is no clone.
    """
    before = known.get(name)
    place = place_of(name, parent, before)
    there = is_clone(place, door)
    if before is None and not (parent is not None and there):
        listed = ", ".join(known) or "none"
        raise UsageError(
            f"{name}: no such dataset is connected ({listed}).",
            "See 'badc data status'; or give the --path of the folder that holds it.",
        )
    if drop_content and os.path.lexists(place) and not there:
        raise UsageError(
            f"{place}: is no clone of a dataset, so nothing is dropped there.",
            "Disconnect it with --keep-content.",
        )
    content = content_of(place, door) if drop_content and there else None
    command = ("git", "-C", str(place), "annex", "drop", "--json", "--json-error-messages", ".")
    if before is None:
        origin = origin_of(place, door)
        before = Registration(place, origin.plain if origin else None, "git", "connected", None)
    return Disconnection(
        registration=replace(before, path=place, status="disconnected"),
        command=command if content is not None and content.here else (),
        is_there=there,
    )


def _refusals(lines: str) -> tuple[tuple[str, ...], str]:
    """Return the files that git-annex would not drop, and its words about the last; of many, some.

    The first of the lines may be torn: only the end of a long output is kept.
    """
    files = []
    reason = ""
    for line in lines.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("success") is False:
            files.append(str(said.get("file")))
            words = [str(said.get("note") or ""), *map(str, said.get("error-messages") or ())]
            lines_of_it = "\n".join(words).splitlines()
            # how to lose the last copy is not ours to recommend
            reason = " ".join(line.strip() for line in lines_of_it if "--force" not in line)
    return tuple(files), reason
