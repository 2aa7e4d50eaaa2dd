"""The HawkEars runner: the vendored 1.x script or the 2.x package, heard through one door."""

from badc.runners.hawkears.choice import choose_hawkears
from badc.runners.hawkears.runner import HawkearsRunner

__all__ = ["HawkearsRunner", "choose_hawkears"]
