"""Recordings into chunk files and the manifest that lists them.

:func:`plan_cut` decides (paths, durations, names), :func:`preview` says what a plan would make,
:func:`cut` makes it, :func:`cut_many` several, :func:`cut_first` only its first chunk.
Nothing here prints: progress is a callback, warnings are in the result.
"""

from badc.chunking.cut import Cut, Progress, chunk_ids, cut, cut_first, preview
from badc.chunking.cut_many import Outcome, cut_many
from badc.chunking.ownership import belongs_to, refuse_other_recordings
from badc.chunking.paths import chunk_folder, manifest_file
from badc.chunking.plan import CutPlan, plan_cut
from badc.chunking.spans import Grid, Span
from badc.meta.chunk_status import STATUS_NAME, read_status

__all__ = [
    "STATUS_NAME",
    "Cut",
    "CutPlan",
    "Grid",
    "Outcome",
    "Progress",
    "Span",
    "belongs_to",
    "chunk_folder",
    "chunk_ids",
    "cut",
    "cut_first",
    "cut_many",
    "manifest_file",
    "plan_cut",
    "preview",
    "read_status",
    "refuse_other_recordings",
]
