"""Manifests: ordered lists of chunks, kept as CSV."""

from badc.manifest.chunk import Chunk, ChunkKey
from badc.manifest.naming import NamedFrom, moved_to, name_from, naming_base
from badc.manifest.reading import moved_note, read_manifest
from badc.manifest.writing import COLUMNS, write_manifest

__all__ = [
    "COLUMNS",
    "Chunk",
    "ChunkKey",
    "NamedFrom",
    "moved_note",
    "moved_to",
    "name_from",
    "naming_base",
    "read_manifest",
    "write_manifest",
]
