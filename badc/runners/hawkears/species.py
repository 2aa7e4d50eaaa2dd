"""Code and common name of what HawkEars 2.x labels.

Its table has one column for both: by its configuration or ``--label`` that holds four-letter codes
(the default), common names, scientific names or six-letter codes. The data root's
``data/classes.csv`` tells them apart; ``data/taxonomy.csv`` renames some classes.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

_COLUMNS = (  # in classes.csv and in taxonomy.csv
    ("Code", "code"),
    ("Name", "name"),
    ("AltCode", "alt_code"),
    ("AltName", "alt_name"),
)


@dataclass(frozen=True, slots=True)
class Species:
    """A class of HawkEars: banding code and common name, as far as known."""

    code: str | None
    name: str | None


class SpeciesList:
    """The classes of one data root, to be found by any of their labels."""

    def __init__(self, root: Path) -> None:
        self._by_label: dict[str, Species] = {}
        renamed = {row.get("model_code"): row for row in _rows(root / "data" / "taxonomy.csv")}
        for row in _rows(root / "data" / "classes.csv"):
            change = renamed.get(row.get("Code"), {})
            now = [change.get(new) or row.get(old, "") for old, new in _COLUMNS]
            species = Species(now[0] or None, now[1] or None)
            for label in filter(None, now):
                self._by_label.setdefault(label, species)

    def find(self, label: str) -> Species:
        """Return the class with this label; one not listed is taken by the look of the label."""
        found = self._by_label.get(label)
        if found is not None:
            return found
        return Species(label, None) if label == label.upper() else Species(None, label)


def _rows(path: Path) -> list[dict[str, str]]:
    """Return a table's rows; one that is missing or broken lists nothing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [
                {name: (value or "").strip() for name, value in row.items() if name is not None}
                for row in csv.DictReader(stream, restval="")
            ]
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
