"""Words of a command line that mean the same in another working directory.

DataLad runs what it records in the dataset's root, a Slurm task likewise; plans are carried out
from anywhere. What was found from where a user typed has to be found there too.
"""

import os
import shlex
from pathlib import Path

from badc.requests import InferRequest
from badc.runners.hawkears import choose_hawkears
from badc.runners.hawkears.choice import DATA_VARIABLE, PYTHON_VARIABLE, ROOT_VARIABLE
from badc.runners.hawkears.installation import Installation

_SETTINGS = (ROOT_VARIABLE, PYTHON_VARIABLE, DATA_VARIABLE)


def from_anywhere(command: str | None, root: Path | None = None) -> str | None:
    """Return a ``--runner-cmd`` whose files are found from any folder.

    A program with a slash in its name, an argument, and the value of ``--option=value`` are written
    in full where they name a file, from the working directory.

    Args:
        command: as a user typed it, or None.
        root: the folder that the command will run in, if that is known: files in it are then named
            from there, so that the line can be used in any clone of a dataset.
    """
    try:
        words = shlex.split(command or "")
    except ValueError:  # who makes a runner of it says what is wrong
        return command
    found = [_placed(word, root, is_program=number == 0) for number, word in enumerate(words)]
    return command if found == words else shlex.join(found)


def _placed(word: str, root: Path | None, *, is_program: bool) -> str:
    option, equals, value = word.partition("=")
    if equals and option.startswith("-"):
        return f"{option}={_placed(value, root, is_program=False)}"
    if is_program and os.sep not in word:  # looked for on PATH
        return word
    try:
        if not os.path.isfile(word):  # noqa: PTH113 - says no to a name too long, where Path raises
            return word
    except ValueError:
        return word
    path = Path(os.path.abspath(word))
    if root is None or not path.is_relative_to(root):
        return str(path)
    inner = str(path.relative_to(root))
    return f".{os.sep}{inner}" if is_program and os.sep not in inner else inner


def hawkears_settings(request: InferRequest, root: Path) -> list[str]:
    """Return words that have a command in ``root`` find the HawkEars that is found from here.

    That is ``env NAME=VALUE ...``, or nothing where it is found without. Settings that somebody
    made are told, also those of a HawkEars that is not here; so is what lies in the working
    directory, which another folder does not hold.
    """
    if request.runner != "hawkears":
        return []
    found = choose_hawkears(request.hawkears_args, os.environ).hawkears
    settings = {name: os.environ[name] for name in _SETTINGS if os.environ.get(name)}
    without = {name: os.environ[name] for name in os.environ.keys() - settings.keys()}
    if not settings and choose_hawkears(request.hawkears_args, without, root).hawkears == found:
        return []
    if isinstance(found, Installation):
        settings = {
            ROOT_VARIABLE: _from_root(found.root, root),
            PYTHON_VARIABLE: _from_root(Path(found.python), root),
        }
        if os.environ.get(PYTHON_VARIABLE) is None:
            del settings[PYTHON_VARIABLE]  # BADC's own, wherever that is then
    return ["env", *(f"{name}={value}" for name, value in settings.items())] if settings else []


def _from_root(path: Path, root: Path) -> str:
    return f".{os.sep}{path.relative_to(root)}" if path.is_relative_to(root) else str(path)
