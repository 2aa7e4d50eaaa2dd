"""HawkEars' own files, kept beside the chunk's JSON."""

import shutil
from pathlib import Path

from badc.atomic import aside
from badc.errors import AttemptError


def keep(output: Path, raw_dir: Path) -> None:
    """Put the folder ``output`` at ``raw_dir``, whole; an older one is replaced.

    Raises:
        AttemptError: there is no room or no permission.
    """
    draft = aside(raw_dir)
    old = aside(raw_dir)
    try:
        raw_dir.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(output, draft)  # scratch may lie on another disk
        if raw_dir.is_symlink() or raw_dir.exists():
            raw_dir.rename(old)
        draft.rename(raw_dir)
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise AttemptError(
            f"{raw_dir}: HawkEars' output cannot be kept ({reason}).",
            "Check free space and permissions.",
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if old.is_symlink() or old.is_file():
            old.unlink()
        else:
            shutil.rmtree(old, ignore_errors=True)
