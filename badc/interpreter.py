"""Modules of BADC's own as child processes."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import badc

_PACKAGE_ROOT = Path(badc.__file__).resolve().parent.parent


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the words that run ``module`` with the interpreter that runs us.

    ``-P``: files that lie where the user works, soundfile.py say, must not stand in for modules.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def finding_badc(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` so that the child finds this very BADC, installed or not."""
    paths = [str(_PACKAGE_ROOT), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
