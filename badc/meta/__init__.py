"""Where and when a recording was made, read from its path and its recorder's file name."""

from badc.meta.local_start import LocalStart, local_start
from badc.meta.place import Place
from badc.meta.recorder_name import NamedTime, read_recorder_name
from badc.meta.rules import PRESETS, Rules, load_rules
from badc.meta.zone import read_zone

__all__ = [
    "PRESETS",
    "LocalStart",
    "NamedTime",
    "Place",
    "Rules",
    "load_rules",
    "local_start",
    "read_recorder_name",
    "read_zone",
]
