"""Finding the dataset that a path belongs to."""

import os
from pathlib import Path


def dataset_root(path: Path) -> Path | None:
    """Return the nearest folder at or above ``path`` that is a DataLad dataset, or None.

    A dataset is a folder that holds ``.datalad``. Symbolic links are not followed: an annexed
    file belongs to the dataset that shows it.
    """
    start = Path(os.path.abspath(path))
    return next((place for place in (start, *start.parents) if (place / ".datalad").is_dir()), None)
