"""Which HawkEars is here.

Explicit settings come first, then what lies around:

1. ``BADC_HAWKEARS_ROOT``: a folder with ``analyze.py`` is HawkEars 1.x; one with ``data/ckpt`` or
   ``yaml`` is the data root of 2.x.
2. ``BADC_HAWKEARS_PYTHON``: where that interpreter has the package ``hawkears``, 2.x.
3. ``vendor/HawkEars`` with an ``analyze.py``, in the working directory or beside BADC: 1.x.
4. The package ``hawkears`` in BADC's own interpreter: 2.x.

Whatever is chosen runs under ``BADC_HAWKEARS_PYTHON`` where that is set, else under BADC's own
interpreter. A 2.x data root that is not named is looked for in the working directory, then in
``HAWKEARS_DATA_DIR``, then where HawkEars itself keeps it for the user.
"""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from badc.errors import BadcError, UsageError
from badc.home import from_home
from badc.process import ProcessDoor
from badc.runners.hawkears import v1
from badc.runners.hawkears.installation import Installation, Missing
from badc.runners.hawkears.runner import HawkearsRunner

ROOT_VARIABLE = "BADC_HAWKEARS_ROOT"
PYTHON_VARIABLE = "BADC_HAWKEARS_PYTHON"
DATA_VARIABLE = "HAWKEARS_DATA_DIR"  # HawkEars' own

_OURS = ("-i", "--input", "-o", "--output")
_CHECKOUT = Path(__file__).resolve().parents[3]
_ASK_VERSION = "import importlib.metadata as m; print(m.version('hawkears'))"
_ASK_LIMIT_S = 60
_REMEDIES = (
    "Place HawkEars 1.x at vendor/HawkEars (see vendor/README.md) or name it with "
    f"{ROOT_VARIABLE}; or pip install 'badc[hawkears]', or name an interpreter that has HawkEars "
    f"2.x with {PYTHON_VARIABLE}."
)


def choose_hawkears(
    args: Sequence[str], environ: Mapping[str, str], here: Path | None = None
) -> HawkearsRunner:
    """Decide which HawkEars will listen, once, for every slot of a run.

    Args:
        args: what the user wants HawkEars to get, word by word (``--hawkears-arg``).
        environ: the environment variables that decide.
        here: the working directory, if it is to be another one than ours.

    Raises:
        UsageError: an argument holds a NUL character, or is BADC's own to give. A missing HawkEars
            is reported by the runner's ``check``, so that a plan can be shown without one.
    """
    if any("\0" in word for word in args):
        raise UsageError("--hawkears-arg holds a NUL character.", "Remove it.")
    taken = [word for word in args if word.partition("=")[0] in _OURS]
    if taken:
        raise UsageError(
            f"--hawkears-arg {taken[0]}: what HawkEars listens to and where it writes is BADC's"
            " to say.",
            "Leave it out; see --output-dir.",
        )
    return HawkearsRunner(tuple(args), _find(environ, here or Path.cwd()))


def _find(environ: Mapping[str, str], here: Path) -> Installation | Missing:
    python = environ.get(PYTHON_VARIABLE) or None
    if python is not None:
        found = shutil.which(os.path.expanduser(python))  # noqa: PTH111 - may be a bare name
        if found is None:
            return Missing(
                f"{PYTHON_VARIABLE}: '{python}' was not found or is not executable.",
                "Give the full path of an interpreter, such as VENV/bin/python.",
            )
        python = os.path.abspath(found)
    if environ.get(ROOT_VARIABLE):
        return _at_root(from_home(environ[ROOT_VARIABLE], ROOT_VARIABLE).absolute(), python)
    return _around(python, _data_root(environ, here), here)


def _around(python: str | None, data_root: Path, here: Path) -> Installation | Missing:
    version = None if python is None else _version_under(python)
    if python is not None and version is not None:
        return _second_generation(data_root, python, version)
    for folder in (here / "vendor" / "HawkEars", _CHECKOUT / "vendor" / "HawkEars"):
        if (folder / v1.SCRIPT).is_file():
            return _first_generation(folder, python)
    version = _version_under(None)
    if version is not None:
        return _second_generation(data_root, sys.executable, version)
    if python is not None:
        return _without_package(python)
    return Missing("--use-hawkears: no HawkEars was found.", _REMEDIES)


def _at_root(root: Path, python: str | None) -> Installation | Missing:
    if (root / v1.SCRIPT).is_file():
        return _first_generation(root, python)
    if not _is_data_root(root):
        return Missing(
            f"{ROOT_VARIABLE}: {root} is no HawkEars folder.",
            f"HawkEars 1.x has {v1.SCRIPT} there; a 2.x data root has data/ckpt or yaml "
            "(made by 'hawkears init').",
        )
    version = _version_under(python)
    if version is None:
        return _without_package(python or sys.executable)
    return Installation("2.x", python or sys.executable, root, version)


def _second_generation(root: Path, python: str, version: str) -> Installation | Missing:
    if _is_data_root(root):
        return Installation("2.x", python, root, version)
    return Missing(
        f"--use-hawkears: HawkEars {version} has no models yet: {root} is no data root.",
        f"Run 'hawkears init' and name the folder that it filled with {ROOT_VARIABLE}.",
    )


def _first_generation(root: Path, python: str | None) -> Installation:
    return Installation("1.x", python or sys.executable, root, v1.version_of(root))


def _without_package(python: str) -> Missing:
    return Missing(
        f"--use-hawkears: {python} has no package 'hawkears'.",
        "pip install 'badc[hawkears]', or name an interpreter that has HawkEars 2.x with "
        f"{PYTHON_VARIABLE}; or use HawkEars 1.x at vendor/HawkEars or {ROOT_VARIABLE}.",
    )


def _is_data_root(folder: Path) -> bool:
    return (folder / "data" / "ckpt").is_dir() or (folder / "yaml").is_dir()


def _data_root(environ: Mapping[str, str], here: Path) -> Path:
    if (here / "data" / "ckpt").is_dir() or (here / "yaml" / "default.yaml").is_file():
        return here
    if environ.get(DATA_VARIABLE):
        return from_home(environ[DATA_VARIABLE], DATA_VARIABLE).absolute()
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "HawkEars"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "hawkears"


def _version_under(python: str | None) -> str | None:
    """Return the version of the package ``hawkears``, or None where it is not installed."""
    if python is None:
        try:
            return importlib.metadata.version("hawkears")
        except importlib.metadata.PackageNotFoundError:
            return None
    try:
        answer = ProcessDoor().run([python, "-c", _ASK_VERSION], timeout_s=_ASK_LIMIT_S)
    except BadcError:
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None
