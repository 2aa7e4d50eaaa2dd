"""BADC: from field recordings of birds to a table of detections that an ecologist can trust."""

__version__ = "0.1.0"
