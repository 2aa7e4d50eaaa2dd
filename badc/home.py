"""A leading ``~`` in a path means a home folder, as in a shell."""

from pathlib import Path

from badc.errors import UsageError


def from_home(path: str | Path, origin: str) -> Path:
    """Return ``path`` with a leading ``~`` or ``~NAME`` replaced by that home folder.

    Args:
        path: as somebody wrote it.
        origin: the option or variable that gave it, for the complaint.

    Raises:
        UsageError: there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UsageError(
            f"{origin}: {path} begins with ~, but there is no such home folder.",
            "Write the path in full, or ./~ for a folder of that name.",
        ) from None
