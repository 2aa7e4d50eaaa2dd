"""Paths as DuckDB is to take them."""

from pathlib import Path


def literal(path: Path) -> str:
    """Return ``path`` so that DuckDB takes none of its letters for a wildcard.

    With a backslash in it, it fits no pattern, and DuckDB takes it as it is.
    """
    text = str(path.absolute())
    return text if "\\" in text else "".join(f"[{c}]" if c in "*?[" else c for c in text)
