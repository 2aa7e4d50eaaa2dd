"""Which detections are exported."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError

_FILE_LIKE = re.compile(r".*(/|\.(txt|csv|tsv|list))\s*\Z", re.IGNORECASE | re.DOTALL)
_BINOMIAL_AND_COMMON = re.compile(r"([A-Z][a-z]+ [a-z][a-z -]+)_(.+)")


@dataclass(frozen=True, slots=True)
class Choice:
    """A species list and a least confidence.

    Attributes:
        species: labels, codes or names, in any case; empty means all.
        min_confidence: detections without any confidence are left out too; None means all.
    """

    species: tuple[str, ...] = ()
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        if self.min_confidence is not None and not math.isfinite(self.min_confidence):
            raise UsageError(f"--min-confidence {self.min_confidence}: is no confidence.")

    @property
    def condition(self) -> str:
        """An SQL condition on ``detection``, with the parameters of :attr:`parameters`."""
        return (
            "($least IS NULL OR confidence >= $least) AND (len($species::VARCHAR[]) = 0"
            " OR lower(trim(label)) IN (SELECT unnest($species::VARCHAR[]))"
            " OR lower(trim(label_code)) IN (SELECT unnest($species::VARCHAR[]))"
            " OR lower(trim(label_name)) IN (SELECT unnest($species::VARCHAR[])))"
        )

    @property
    def parameters(self) -> dict[str, object]:
        """What :attr:`condition` refers to."""
        wanted = {form for name in self.species for form in forms(name)}
        return {"least": self.min_confidence, "species": sorted(wanted)}


def forms(name: str) -> list[str]:
    """Return what a detection of this species may be called, in lower case."""
    parts = _BINOMIAL_AND_COMMON.fullmatch(name)
    return [text.strip().lower() for text in (name, *(parts.groups() if parts else ()))]


def read_species(words: list[str]) -> tuple[str, ...]:
    """Return the species of ``--species``: each word a file with one a line, or names with commas.

    In a file, empty lines and lines that begin with ``#`` are left out.

    Raises:
        UsageError: a file cannot be read, or there are no species at all.
    """
    species = [name for word in words for name in _species_of(word)]
    if words and not species:
        raise UsageError(f"--species {words[0]}: names no species.", "One a line, or A,B,C.")
    return tuple(dict.fromkeys(species))


def _species_of(word: str) -> list[str]:
    try:
        is_file = Path(word).is_file()
    except (OSError, ValueError):
        is_file = False
    if is_file or _FILE_LIKE.match(word):
        lines = _lines(Path(word))
        return [line for line in lines if line and not line.startswith("#")]
    return [name.strip() for name in word.split(",") if name.strip()]


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}).", "Name a species list, or species."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no UTF-8 text.", "Save the species list as UTF-8.") from error
