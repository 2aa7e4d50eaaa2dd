"""Detections in the formats that reviewers' programs open."""

from badc.report.exports.choice import Choice, read_species
from badc.report.exports.export import FORMATS, Exported, export

__all__ = ["FORMATS", "Choice", "Exported", "export", "read_species"]
