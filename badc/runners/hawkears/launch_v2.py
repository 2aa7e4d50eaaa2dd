"""Start HawkEars 2.x under whichever Python holds it: ``PYTHON launch_v2.py analyze ...``.

It is what the ``hawkears`` console script does, after one precaution. A torch without CUDA may
come with a torchvision that was built for CUDA: its library cannot be loaded, and importing it
then fails because two operators, which HawkEars never calls, were not declared.

This file runs outside BADC's environment and may import nothing of BADC.
"""

import contextlib
import importlib
import importlib.util
import sys
from pathlib import Path


def mend_torchvision() -> None:
    """Declare torchvision's operators where its own library cannot; else do nothing."""
    torch = importlib.import_module("torch")
    place = importlib.util.find_spec("torchvision")
    if torch.version.cuda is not None or place is None or place.origin is None:
        return
    for library in Path(place.origin).parent.glob("_C*.so"):
        with contextlib.suppress(OSError):
            torch.ops.load_library(str(library))
            return
    declare = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        declare.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(declare)  # a declaration lasts as long as its library object


_kept: list[object] = []


def main() -> None:
    """Do as the ``hawkears`` console script does."""
    mend_torchvision()
    sys.path.pop(0)  # this folder: its names are not for HawkEars to import
    sys.argv[0] = "hawkears"
    importlib.import_module("hawkears.cli").cli()


if __name__ == "__main__":
    main()
