"""HawkEars 2.x made of a few files: a data root, and an interpreter that has the package."""

import shutil
import sys
from pathlib import Path

_CLI = Path(__file__).with_name("cli_v2.py")
_LOADER = """
def load_from_checkpoint(path):
    with open("loaded.txt", "a") as file:
        file.write(f"{path}\\n")
    return path
"""


def make_root(root: Path) -> Path:
    """Fill a data root: one checkpoint, one class."""
    (root / "data" / "ckpt").mkdir(parents=True)
    (root / "data" / "ckpt" / "one.ckpt").write_bytes(b"weights")
    (root / "data" / "classes.csv").write_text(
        "Name,Code,AltName,AltCode\nCommon Yellowthroat,COYE,Geothlypis trichas,comyel\n"
    )
    return root


def make_python(folder: Path) -> Path:
    """Return an interpreter with a package hawkears, and a torch that needs no mending."""
    site = folder / "site"
    core = site / "hawkears" / "core"
    core.mkdir(parents=True)
    for package in (core, core.parent):
        (package / "__init__.py").touch()
    (core / "class_manager.py").write_text(_LOADER)
    shutil.copy(_CLI, site / "hawkears" / "cli.py")
    (site / "hawkears-2.3.0.dist-info").mkdir()
    (site / "hawkears-2.3.0.dist-info" / "METADATA").write_text("Name: hawkears\nVersion: 2.3.0\n")
    (site / "torch.py").write_text("class version:\n    cuda = '13.0'\n")
    python = folder / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{site}' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return python
