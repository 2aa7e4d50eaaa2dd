"""How BADC's files name audio, and how it is found again: the one rule for paths inside files.

A file names audio from its dataset's folder, so that a dataset can be moved, mounted elsewhere,
copied or cloned as a whole. Whoever reads looks from the root of the DataLad dataset, from the
file's own folder, from each folder above that, and from the working directory, and takes the first
place that has it. An absolute path that leads nowhere any more is one of a dataset that has moved:
its end is looked for from the same folders.
"""

# ruff: noqa: PTH112, PTH118, PTH119, PTH120 - texts, not Path: the plan of a dataset looks for
# 100,000 chunks, and hostile words raise nothing

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from badc.datalad import dataset_root

Place = tuple[str, str]
"""A folder, and the words that lead on from it; they are absolute where the folder is empty."""


def naming_base(namer: Path, named: Path, dataset: Path | None = None) -> Path | None:
    """Return the folder from which the file ``namer`` is to name what lies in ``named``.

    It holds both: the DataLad dataset, else ``dataset``, else the file's folder or the one above
    it. None where nothing of these does; absolute paths are right then, because there is no folder
    that both would be moved with.
    """
    folder, target = (Path(os.path.abspath(path)) for path in (namer.parent, named))
    for base in (dataset_root(folder), dataset, folder, folder.parent):
        if base is None or base == base.parent:
            continue
        if folder.is_relative_to(base) and target.is_relative_to(base):
            return base
    return None


def name_from(base: Path | None, path: Path) -> str:
    """Return the words for ``path``, which is absolute and stays so where it is not in ``base``."""
    if base is not None and path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    return str(path)


class NamedFrom:
    """Finds what the files of one folder name.

    Folders are looked for once and remembered: a manifest may list 100,000 chunks of one.

    Attributes:
        bases: where relative words start from, in the order of looking.
    """

    def __init__(self, folder: Path) -> None:
        own = os.path.abspath(folder)
        root = dataset_root(folder)
        self._own = own
        self._around = [own, *map(str, Path(own).parents[:-1])]
        if root is not None:
            self._around.insert(0, str(root))
        here = self._here = str(Path.cwd())
        self.bases = tuple(dict.fromkeys([*self._around, here]))
        self._near = {self._around[0], own, here}
        self._known: dict[str, tuple[Place, ...]] = {}

    def file(self, words: str) -> Place | None:
        """Return folder and rest of the first place where there is a file, or a link to one.

        The file is ``os.path.join(*found)``. For absolute words that still lead there the folder
        is empty.
        """
        folder, name = os.path.split(words)
        for base, rest in self.folders(folder) if name else ():
            if os.path.lexists(os.path.join(base, rest, name)):
                return base, os.path.join(rest, name)
        return None

    def paths(self, words: str) -> Iterator[str]:
        """Yield each absolute path that ``words`` may mean, of those whose folder is there."""
        folder, name = os.path.split(words)
        for base, rest in self.folders(folder):
            yield os.path.abspath(os.path.join(base, rest, name))

    def meant(self, words: str) -> list[str]:
        """Return the places to name where there is no such file; those far above are left out."""
        near = [base for base in self.bases if base in self._near]
        meant = [os.path.abspath(os.path.join(base, words)) for base in near]
        return list(dict.fromkeys([*meant, *self.paths(words)]))

    def first(self, words: str) -> str:
        """Return the absolute path that ``words`` mean, though the file may not be there.

        Relative words are judged by their folder alone, which is quick. Where nothing is there, it
        is the first place that could be meant.
        """
        meant = self.paths(words)
        if words.startswith("/"):
            meant = filter(os.path.lexists, meant)
        return next(meant, os.path.abspath(os.path.join(self.bases[0], words)))

    def folders(self, words: str) -> tuple[Place, ...]:
        """Return each folder that is there and that ``words`` may mean, as base and rest."""
        if words not in self._known:
            ways: dict[str, Place] = {}
            for place in self._moved(words) if words.startswith("/") else self._below(words):
                ways.setdefault(os.path.abspath(os.path.join(*place)), place)
            self._known[words] = tuple(ways.values())
        return self._known[words]

    def _below(self, words: str) -> Iterator[Place]:
        """Yield where relative words lead; a bare name means no folder far above.

        Where the dataset's root or the file's own folder has such a folder, no other is meant, and
        of those above only the nearest: a chunk that is missing there is not to be taken from a
        namesake's further up.
        """
        if not words:
            yield from ((base, words) for base in self.bases if base in self._near)
            return
        there = [base for base in self.bases if os.path.isdir(os.path.join(base, words))]
        own = [base for base in there if base in (self._around[0], self._own)]
        here = [base for base in there[1:] if base == self._here]
        yield from ((base, words) for base in own or [*there[:1], *here])

    def _moved(self, words: str) -> Iterator[Place]:
        """Yield where absolute words lead, then where their ends do, the longest first."""
        if os.path.isdir(words):
            yield "", words
        parts = words.strip("/").split("/")
        for base in self._around:
            for first in range(len(parts)):
                end = "/".join(parts[first:])
                if os.path.isdir(os.path.join(base, end)):
                    yield _whole_move(base, parts[:first], end)
        yield self._own, ""  # the file and its audio side by side


def moved_to(root: str | None, words: str, searches: Iterable[NamedFrom]) -> Place | None:
    """Return where a file is now that results or tables name by ``words`` from ``root``.

    None where it is still there, or nowhere. ``searches`` are tried in order.
    """
    told = os.path.join(root or "", words)
    if told.startswith("/") and os.path.lexists(told):
        return None
    found = (search.file(words) for search in searches)
    return next((place for place in found if place is not None and place[0]), None)


def _whole_move(base: str, parts: list[str], end: str) -> Place:
    """Return the same folder seen from as far above as old and new path agree."""
    while parts and os.path.basename(base) == parts[-1]:
        parts, end = parts[:-1], f"{parts[-1]}/{end}"
        base = os.path.dirname(base)
    return base, end
