"""A folder under a name that others can guess, in a place where they may write: /tmp."""

import os
import stat
from pathlib import Path

from badc.errors import BadcError

_OTHERS = 0o077


def private_folder(place: Path, remedy: str) -> Path:
    """Return ``place``, a folder that nobody but this user can look or write into; made if need be.

    Whoever made it first could otherwise read what goes there, or have us read what they put there.

    Args:
        place: in a folder that exists, where each may remove only what is their own.
        remedy: how to have another place.

    Raises:
        BadcError: it cannot be made, or what stands there is a link, no folder, or somebody else's.
    """
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            if stat.S_IMODE(found.st_mode) & _OTHERS:
                place.chmod(0o700)  # an older BADC made it, under another umask
            return place
    except OSError as error:
        raise BadcError(f"{place}: cannot be made ({error.strerror}).", remedy) from None
    raise BadcError(f"{place}: is somebody else's, or no folder, and is not used.", remedy)
