"""One thing that is wrong with a manifest's results, and its kind."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from badc.manifest import ChunkKey

Kind = Literal["missing", "corrupt", "stale", "audio", "foreign"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MENDED_BY_HEARING = frozenset[Kind]({"missing", "corrupt", "stale"})
"""The kinds that hearing a chunk again puts right."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, and why.

    Attributes:
        kind: ``missing``: there is no JSON; ``corrupt``: it is none, or another chunk's; ``stale``:
            it was made from other audio or by another runner; ``audio``: the chunk file is not the
            one that the manifest means; ``foreign``: a file that belongs to no chunk.
        path: the file; a chunk's JSON, its audio, or a foreign file.
        why: half a sentence, without its full stop.
        key: the chunk, or None for a foreign file.
    """

    kind: Kind
    path: Path
    why: str
    key: ChunkKey | None = None
