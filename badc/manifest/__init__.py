"""Manifests: ordered lists of chunks, kept as CSV."""

from badc.manifest.chunk import Chunk, ChunkKey
from badc.manifest.reading import read_manifest
from badc.manifest.writing import COLUMNS, write_manifest

__all__ = ["COLUMNS", "Chunk", "ChunkKey", "read_manifest", "write_manifest"]
