"""Where the chunk files of results are now: a dataset may have moved since it was heard."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from badc.aggregate.engine import Engine
from badc.manifest import NamedFrom, moved_to

_FOLDER = "regexp_replace({}, '[^/]*$', '')"

_LIST_FOLDERS = f"""
SELECT {_FOLDER.format("file")}, dataset_root, {_FOLDER.format("source_path")}, min(source_path)
FROM chunk WHERE source_path IS NOT NULL GROUP BY ALL
"""  # noqa: S608 - made of our own words

_MOVE = f"""
UPDATE chunk SET
    source_path = new.folder || substr(chunk.source_path, length(new.old_folder) + 1),
    dataset_root = new.root
FROM (
    SELECT unnest($files::VARCHAR[]) AS file, unnest($old_roots::VARCHAR[]) AS old_root,
        unnest($old_folders::VARCHAR[]) AS old_folder, unnest($roots::VARCHAR[]) AS root,
        unnest($folders::VARCHAR[]) AS folder
) AS new
WHERE {_FOLDER.format("chunk.file")} = new.file
    AND {_FOLDER.format("chunk.source_path")} = new.old_folder
    AND chunk.dataset_root IS NOT DISTINCT FROM new.old_root
"""  # noqa: S608 - made of our own words

_Row = tuple[str, str | None, str, str]


def locate_chunks(engine: Engine, manifest: Path | None) -> None:
    """Let ``source_path`` and ``dataset_root`` of the table ``chunk`` say where audio is now.

    Where a chunk file is not where its result says, it is looked for as
    :mod:`badc.manifest.naming` has it, from the manifest's folder, then from the result's own. The
    file of one chunk speaks for all that a folder of results has in one folder of audio. What is
    found nowhere keeps its names.
    """
    rows: list[_Row] = engine.connection.execute(_LIST_FOLDERS).fetchall()
    listed = [] if manifest is None else [NamedFrom(manifest.parent)]
    moves = list(_moves(rows, listed))
    if moves:
        names = ("files", "old_roots", "old_folders", "roots", "folders")
        columns = zip(*moves, strict=True)
        engine.connection.execute(
            _MOVE, {name: list(column) for name, column in zip(names, columns, strict=True)}
        )


def _moves(
    rows: Sequence[_Row], listed: list[NamedFrom]
) -> Iterator[tuple[str, str | None, str, str, str]]:
    """Yield result folder, old root, old audio folder, new root and new audio folder."""
    for file, root, folder, words in rows:
        searches = chain(listed, (NamedFrom(Path(each)) for each in (file,)))  # made if needed
        if (found := moved_to(root, words, searches)) is not None:
            yield file, root, folder, found[0], found[1].removesuffix(words[len(folder) :])
