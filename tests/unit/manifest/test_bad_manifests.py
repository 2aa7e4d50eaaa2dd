import pytest

from badc.errors import UsageError
from badc.manifest import read_manifest

HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms\n"
ROW = "REC,c000,chunks/c000.wav,0,1000\n"

MANIFESTS = {
    "empty": (b"", "m.csv:1: lacks the columns recording_id, chunk_id, source_path."),
    "header only": (HEADER, "m.csv: lists no chunks."),
    "blank lines only": (HEADER + "\n,,,,\n\n", "m.csv: lists no chunks."),
    "missing column": (
        "recording_id,chunk_id\nREC,c000\n",
        "m.csv:1: lacks the column source_path.",
    ),
    "semicolons": (HEADER.replace(",", ";"), "separated by commas"),
    "repeated column": (
        "chunk_id," + HEADER + "x," + ROW,
        "m.csv:1: names the column chunk_id twice.",
    ),
    "too many cells": (HEADER + ROW.replace("\n", ",x\n"), "m.csv:2: has 6 cells under 5 columns."),
    "duplicate ids": (
        HEADER + ROW + "\n" + ROW,
        "m.csv:4: chunk 'REC/c000' stands already in line 2.",
    ),
    "empty id": (HEADER + ",c000,chunks/c000.wav,,\n", "m.csv:2: recording_id '' is empty."),
    "blank id": (HEADER + "REC,  ,chunks/c000.wav,,\n", "m.csv:2: chunk_id '  ' is empty."),
    "escaping recording": (
        HEADER + "../x,c000,chunks/c000.wav,,\n",
        "m.csv:2: recording_id '../x'",
    ),
    "absolute chunk": (HEADER + "REC,/abs,chunks/c000.wav,,\n", "m.csv:2: chunk_id '/abs'"),
    "backslash": (HEADER + "REC,a\\b,chunks/c000.wav,,\n", "holds a path separator"),
    "just dots": (HEADER + "REC,..,chunks/c000.wav,,\n", "m.csv:2: chunk_id '..'"),
    "hidden": (HEADER + "REC,.c000,chunks/c000.wav,,\n", "begins with a dot"),
    "long id": (HEADER + f"REC,{'語' * 61},chunks/c000.wav,,\n", "is longer than 180 bytes"),
    "missing chunk": (HEADER + "REC,c009,chunks/c009.wav,,\n", "m.csv:2: chunk file not found"),
    "chunk is a folder": (HEADER + "REC,c009,chunks,,\n", "m.csv:2: chunk file not found"),
    "endless path": (HEADER + f"REC,c009,{'a/' * 3000}x,,\n", "m.csv:2: chunk file not found"),
    "endless name": (HEADER + f"REC,c009,{'a' * 3000},,\n", "m.csv:2: chunk file not found"),
    "no path": (HEADER + "REC,c009,,,\n", "m.csv:2: source_path '' names no file."),
    "short row": (HEADER + "REC,c009\n", "m.csv:2: source_path '' names no file."),
    "not UTF-8": (
        HEADER.encode() + ROW.encode() + b"R\xe9C,c1,x,,\n",
        "m.csv:3: is not UTF-8 text.",
    ),
    "UTF-16": (HEADER.encode("utf-16"), "m.csv:1: is not UTF-8 text."),
    "NUL in id": (
        HEADER + "REC,c\0,chunks/c000.wav,,\n",
        "m.csv:2: chunk_id 'c\\x00' holds a control",
    ),
    "NUL in path": (HEADER + "REC,c1,chunks/\0.wav,,\n", "m.csv:2: source_path 'chunks/\\x00.wav'"),
    "NUL only": (b"\0" * 128_000, "m.csv:1: "),
    "open quote": (HEADER + 'REC,"c000,chunks/c000.wav,,\n', "m.csv:2: is not readable as CSV"),
    "time is a word": (HEADER + "REC,c0,chunks/c000.wav,soon,\n", "m.csv:2: start_ms 'soon'"),
    "negative time": (HEADER + "REC,c0,chunks/c000.wav,-1,\n", "m.csv:2: start_ms '-1'"),
    "half a millisecond": (HEADER + "REC,c0,chunks/c000.wav,0.5,\n", "m.csv:2: start_ms '0.5'"),
    "grouped digits": (HEADER + "REC,c0,chunks/c000.wav,1_000,\n", "m.csv:2: start_ms '1_000'"),
    "impossible time": (
        HEADER + f"REC,c0,chunks/c000.wav,0,1{'0' * 400}\n",
        "m.csv:2: end_ms '1000",
    ),
    "backwards": (
        HEADER + "REC,c0,chunks/c000.wav,9,3\n",
        "m.csv:2: end_ms 3 lies before start_ms 9.",
    ),
}


@pytest.mark.parametrize(("content", "said"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_what_is_wrong_is_said_with_file_and_line(tmp_path, monkeypatch, content, said):
    (tmp_path / "chunks").mkdir()
    (tmp_path / "chunks" / "c000.wav").write_bytes(b"audio")
    (tmp_path / "m.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refusal:
        read_manifest(tmp_path / "m.csv")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 1200
    assert refusal.value.hint
