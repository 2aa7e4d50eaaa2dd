import csv
import json
from pathlib import Path

import pytest

from badc.chunking import CutPlan, plan_cut
from badc.errors import BadcError, UsageError
from badc.orchestration.chunk_plan_files import (
    COLUMNS,
    read_plan,
    seconds,
    write_plan_csv,
    write_plan_json,
)

WRITERS = pytest.mark.parametrize("write", [write_plan_csv, write_plan_json])


@pytest.fixture
def cuts(dataset: Path) -> list[CutPlan]:
    return [
        plan_cut(
            dataset / "audio" / f'{name}, "x".wav',
            chunk_duration_s=1.5,
            overlap_s=0.25,
            chunk_dir=dataset / "artifacts/chunks" / name,
            manifest=place / f"{name}.csv",
        )
        for name, place in (("a", dataset / "manifests"), ("b é", dataset.parent / "elsewhere"))
    ]


@WRITERS
def test_a_plan_can_be_used_where_its_dataset_has_moved_to(write, cuts, dataset: Path) -> None:
    write(dataset / "plan", cuts, dataset)
    moved = dataset.rename(dataset.with_name("moved set"))
    first, second = read_plan(moved / "plan", moved)
    assert first.recording == moved / 'audio/a, "x".wav'
    assert first.chunk_dir == moved / "artifacts/chunks/a"
    assert second.manifest == dataset.parent / "elsewhere/b é.csv"


def test_both_files_hold_the_same_columns(cuts, dataset: Path) -> None:
    write_plan_csv(dataset / "p.csv", cuts, dataset)
    write_plan_json(dataset / "p.json", cuts, dataset)
    with (dataset / "p.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    told = json.loads((dataset / "p.json").read_text())
    assert [{name: str(value) for name, value in row.items()} for row in told] == rows
    assert told[0]["chunk_duration"] == 1.5


@WRITERS
def test_a_plan_of_nothing_is_a_plan(write, dataset: Path) -> None:
    write(dataset / "plan", [], dataset)
    write(dataset / "plan", [], dataset)
    assert read_plan(dataset / "plan", dataset) == ()


@WRITERS
def test_a_plan_replaces_a_plan_and_nothing_else(write, cuts, dataset: Path) -> None:
    place = dataset / "x"
    write(place, cuts, dataset)
    write(place, cuts[:1], dataset)
    assert len(read_plan(place, dataset)) == 1
    place.write_text("recording_id,chunk_id,source_path\n")
    with pytest.raises(UsageError, match="is no chunk plan, and would be lost"):
        write(place, cuts, dataset)
    assert place.read_text().startswith("recording_id,chunk_id")
    with pytest.raises(BadcError, match="cannot be written"):
        write(dataset / "audio", cuts, dataset)


HEAD = ",".join(COLUMNS)
GOOD = "r,audio/r.wav,m/r.csv,c/r,60,0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: lacks the columns recording_id, audio_path"),
        ("recording_id,audio_path\n", ":1: lacks the columns manifest_path"),
        (f"{HEAD}\n{GOOD}\n{GOOD}\n", ":3: recording 'r' stands there twice"),
        (f"{HEAD}\n../r,a,m,c,60,0\n", ":2: recording_id '../r' holds a path separator"),
        (f"{HEAD}\nr,,m,c,60,0\n", ":2: lacks audio_path"),
        (f"{HEAD}\nr,a,m,c,60\n", ":2: lacks overlap"),
        (f"{HEAD}\nr,a,m,c,60,0,1\n", ":2: has more cells than columns"),
        (f"{HEAD}\nr,a,m,c,60,60\n", ":2: overlap is not less"),
        (f"{HEAD}\nr,a,m,c,0,0\n", ":2: overlap is not less"),
        (f"{HEAD}\nr,a,m,c,soon,0\n", ":2: chunk_duration 'soon' is no number"),
        (f"{HEAD}\nr,a,m,c,1e999999999,0\n", ":2: chunk_duration '1e999999999' is no number"),
        (f"{HEAD}\nr,a,m,c,-1,0\n", ":2: chunk_duration '-1' is no number"),
        (f"{HEAD}\nr,a,m,c,nan,0\n", ":2: chunk_duration 'nan' is no number"),
        (f"{HEAD}\nr,a,m,c,0.0001,0\n", ":2: chunk_duration '0.0001' is no number"),
        (f"{HEAD}\nr,a\0,m,c,60,0\n", ":2: a path holds"),
        (f'{HEAD}\nr,"a', "not readable as CSV"),
        ("[", "not readable as JSON"),
        ("[" * 100_000, "not readable as JSON"),
        ("{}", "is no list of recordings"),
        ("[3]", "is no list of recordings"),
        ('[{"recording_id": "r"}]', ", recording 1: lacks audio_path"),
        (
            f"[{json.dumps(dict(zip(COLUMNS, ['r', chr(0xD800), 'm', 'c', 60, 0], strict=True)))}]",
            ", recording 1: a path holds",
        ),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_bad_plans_are_refused_by_place(dataset: Path, text: str | bytes, said: str) -> None:
    (dataset / "plan").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UsageError) as refused:
        read_plan(dataset / "plan", dataset)
    assert said in str(refused.value)


def test_a_plan_that_is_not_there_is_refused(dataset: Path) -> None:
    for place in (dataset / "none", dataset):
        with pytest.raises(UsageError, match="cannot be read"):
            read_plan(place, dataset)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0"), (60_000, "60"), (1500, "1.5"), (1, "0.001"), (100_000, "100")]
)
def test_seconds_are_written_exactly(ms: int, text: str) -> None:
    assert seconds(ms) == text
