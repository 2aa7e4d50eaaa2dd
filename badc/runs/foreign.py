"""Files in an output folder that belong to no chunk of a manifest.

One output folder often serves many manifests, so the folders of other recordings are only
counted. In the folders of the manifest's own recordings whatever could be taken for a result, or
is the draft of one, must belong to a chunk.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from badc.atomic import is_draft
from badc.detections import DetectionFormError, Found, find_json, read_result
from badc.manifest import ChunkKey
from badc.results import Finding, raw_dir, result_path

_LARGEST_JSON_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Strays:
    """What was found beside the chunks' JSON.

    Attributes:
        foreign: what belongs to no chunk, by path.
        elsewhere: how many JSON files stand in the folders of other recordings; not opened.
    """

    foreign: list[Finding] = field(default_factory=list)
    elsewhere: int = 0


def find_strays(output_dir: Path, keys: Iterable[ChunkKey]) -> Strays:
    """Look through ``output_dir`` (absolute) for what is no JSON of the chunks ``keys``.

    Hidden files, raw output, ``*.summary.json`` and whatever is no JSON are not looked at, as
    :func:`badc.detections.find_json` says, apart from drafts that a killed writer left.
    """
    results = {result_path(output_dir, key) for key in keys}
    homes = {str(path.parent) for path in results}
    names = {str(path) for path in results}
    raw = {str(raw_dir(path)) for path in results}
    foreign, elsewhere = [], 0
    for found in find_json(output_dir):
        if found.path in names or not raw.isdisjoint(_around(found.path, output_dir)):
            continue
        why = _why_foreign(found, output_dir, homes)
        if why is None:
            elsewhere += 1
        else:
            foreign.append(Finding("foreign", Path(found.path), why))
    for folder in sorted({str(output_dir), *homes}):
        foreign += [
            Finding("foreign", Path(folder, name), "is a draft of a writer that did not end well")
            for name in _drafts(folder)
        ]
    return Strays(sorted(foreign, key=lambda finding: finding.path), elsewhere)


def _around(path: str, output_dir: Path) -> Iterator[str]:
    """Yield the folders around ``path`` up to ``output_dir``, quickly: there may be a million."""
    while len(path := path.rpartition("/")[0]) > len(str(output_dir)):
        yield path


def _why_foreign(found: Found, output_dir: Path, homes: set[str]) -> str | None:
    """Say why a file is foreign, or return None where it is another recording's."""
    top = str(output_dir)
    below = found.path[len(top) :].lstrip("/").split("/")
    directly = len(below) == 1
    own = (top if directly else os.path.join(top, below[0])) in homes  # noqa: PTH118
    if found.fault is not None:
        is_folder = not found.path.lower().endswith(".json")
        concerned = found.path in {top, *homes} if is_folder else own or directly
        return found.fault.removesuffix(".") if concerned else None
    if own:
        return "belongs to no chunk of the manifest"
    if directly and not _is_at_home(found, output_dir):
        return "lies in no recording's folder"
    return None


def _is_at_home(found: Found, output_dir: Path) -> bool:
    """Say whether a JSON directly in the output folder is of the recording that this is named for.

    Such a folder serves one recording, and perhaps not the one that the manifest is about.
    """
    if found.size_bytes > _LARGEST_JSON_BYTES:
        return False
    try:
        key = read_result(Path(found.path)).key
    except DetectionFormError:
        return False
    return key.recording_id == output_dir.name


def _drafts(folder: str) -> list[str]:
    try:
        return sorted(filter(is_draft, os.listdir(folder)))  # noqa: PTH208 - names, quickly
    except OSError:
        return []  # a folder that is not there, or that find_json has complained of
