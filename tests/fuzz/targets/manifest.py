"""The manifest CSV."""

import os
from contextlib import suppress
from pathlib import Path

from badc.chunking import plan_cut
from badc.chunking.ownership import refuse_strangers
from badc.errors import BadcError, UsageError
from badc.manifest import Chunk, read_manifest, write_manifest
from badc.results import raw_dir, result_path
from tests.fuzz.inventing import odd_csv
from tests.fuzz.target import Target, looked_at_closely

_HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms,overlap_ms,sha256,notes\n"
_DOCUMENTS = (
    (
        f"{_HEADER}REC,REC_chunk_0_1000,m.csv,0,1000,0,{'ab' * 32},\n"
        f"REC,REC_chunk_1000_2000,m.csv,1000,2000,500,,a note\n"
    ),
    "chunk_id,source_path,recording_id\nc0,m.csv,R\nc0,m.csv,S\n",
    f'{_HEADER}"R ö","c, 0","m.csv",60000.0,120000.0,,,"two\nlines"\n',
)


def _read(path: Path) -> bool:
    close = looked_at_closely(path)
    if close:  # as one who would write a manifest in its place looks at it
        with suppress(BadcError):
            refuse_strangers(plan_cut(path.with_name("REC.wav"), chunk_duration_s=1, manifest=path))
    chunks = read_manifest(path, audio_needed=False)
    keys = {chunk.key for chunk in chunks}
    assert len(keys) == len(chunks) > 0
    for chunk in chunks:
        _check(chunk)
    if close:
        copy = path.with_name("copy.csv")
        write_manifest(copy, chunks)
        assert read_manifest(copy, audio_needed=False) == chunks
    with suppress(UsageError):  # what lacks its audio is refused now, in words
        read_manifest(path)
    return True


def _check(chunk: Chunk) -> None:
    for name in chunk.key:
        assert not set("/\\\0\n\r\x1b") & set(name)
        assert name not in ("", ".", "..")
    for output in ("/out", f"/out/{chunk.key.recording_id}", "relative"):
        result = result_path(Path(output), chunk.key)
        for place in (result, raw_dir(result)):
            assert Path(os.path.normpath(place)) == place
            assert place.is_relative_to(output)
            assert len(os.fsencode(place.name)) < 200
    for time_ms in (chunk.start_ms, chunk.end_ms, chunk.overlap_ms):
        assert time_ms is None or (type(time_ms) is int and time_ms >= 0)
    assert chunk.duration_s is None or chunk.duration_s >= 0
    assert chunk.path.is_absolute()


MANIFESTS = (Target("manifest CSV", "m.csv", odd_csv, _DOCUMENTS, _read),)
