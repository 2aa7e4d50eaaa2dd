"""Study area and location from the folders of a recording.

A pattern is a folder path with named parts, matched against the *last* folders above the file:
``{study_area}/ARU_data/{recorder}/{location}/{card:A|B}/Data``. A name in braces takes one whole
folder, with ``:`` only one of those listed; anything else is the folder's own name, in any case.
"""

import re
from dataclasses import dataclass

from badc.errors import UsageError

_PART = re.compile(r"\{([a-z_]+)(?::([^{}/]+))?\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording was made; None where the folders do not say."""

    study_area: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class FolderPattern:
    """One pattern, ready to match.

    Attributes:
        text: as it was written.
        parts: one expression per folder.
    """

    text: str
    parts: tuple[re.Pattern[str], ...]

    def match(self, folders: tuple[str, ...]) -> Place | None:
        """Match the last folders of a path; None where they do not fit."""
        if len(folders) < len(self.parts):
            return None
        named: dict[str, str] = {}
        for part, folder in zip(self.parts, folders[-len(self.parts) :], strict=True):
            found = part.fullmatch(folder)
            if found is None:
                return None
            named |= found.groupdict()
        return Place(named.get("study_area"), named.get("location"))


def read_pattern(text: str, origin: str) -> FolderPattern:
    """Read one pattern.

    Args:
        text: the pattern.
        origin: where it stands, for the complaint.

    Raises:
        UsageError: it is empty, has stray braces, or names neither study area nor location.
    """
    parts = tuple(_expression(part) for part in text.strip("/").split("/"))
    names = [name for part in parts if part for name in part.groupindex]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len(names) != len(set(names)):
        raise UsageError(
            f"{origin}: {text!r} is no folder pattern.",
            "Write for example '{study_area}/{recorder}/{location}'.",
        )
    if not {"study_area", "location"} & set(names):
        raise UsageError(
            f"{origin}: {text!r} names neither {{study_area}} nor {{location}}.",
            "Name at least one of them.",
        )
    return FolderPattern(text, tuple(known))


def _expression(part: str) -> re.Pattern[str] | None:
    named = _PART.fullmatch(part)
    if named is None:
        has_stray_brace = not part or "{" in part or "}" in part
        return None if has_stray_brace else re.compile(re.escape(part), re.IGNORECASE)
    choices = "|".join(re.escape(choice) for choice in (named[2] or "").split("|") if choice)
    return re.compile(f"(?P<{named[1]}>{choices or '.+'})", re.DOTALL)
