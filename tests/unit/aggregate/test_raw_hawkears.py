from typing import Any

import pytest

HEADER = "filename,start_time,end_time,class_name,class_code,score\n"


def silent(**fields: Any) -> Any:
    return {"chunk_id": "c1", "recording_id": "R", "runner": "hawkears"} | fields


@pytest.mark.parametrize(
    "detections", [{}, {"detections": None}, {"detections": [], "status": "ok"}]
)
@pytest.mark.parametrize("place", ["raw", "c1_hawkears"])
def test_missing_detections_are_read_from_the_raw_table(
    tree: Any, detections: Any, place: Any
) -> None:
    (tree.root / place).mkdir()
    (tree.root / place / "HawkEars_labels.csv").write_text(
        HEADER + 'x.wav,1.5,4.5,"Thrush, Hermit",HETH,0.75\nx.wav,3,6.0005,Ovenbird,OVEN,0.5\n'
    )
    tree.put("c1.json", silent(hawkears_output=place, **detections))
    tree.aggregate()
    keys = ("timestamp_ms", "end_ms", "label", "label_name", "confidence", "status")
    assert [tuple(row[key] for key in keys) for row in tree.rows()] == [
        (1500, 4500, "HETH", "Thrush, Hermit", 0.75, "ok"),
        (3000, 6001, "OVEN", "Ovenbird", 0.5, "ok"),
    ]


def test_the_table_of_hawkears_2_is_read_too(tree: Any) -> None:
    tree.put(
        "c1_hawkears/scores.csv", b"recording,name,start_time,end_time,score\nx,OVEN,3,6,0.5\n"
    )
    tree.put("c1.json", silent(detections=None))
    tree.aggregate()
    keys = ("timestamp_ms", "end_ms", "label", "label_code", "label_name", "confidence")
    assert [tuple(row[key] for key in keys) for row in tree.rows()] == [
        (3000, 6000, "OVEN", None, None, 0.5)
    ]


def test_a_window_that_passes_the_end_of_the_chunk_ends_with_it(tree: Any) -> None:
    tree.put("c1_hawkears/HawkEars_labels.csv", (HEADER + "x.wav,58.5,61.5,N,C,0.5\n").encode())
    tree.put("c1.json", silent(chunk={"start_ms": 60_000, "end_ms": 120_000}, detections=None))
    tree.aggregate()
    assert [(row["timestamp_ms"], row["absolute_end_ms"]) for row in tree.rows()] == [
        (58_500, 120_000)
    ]


def test_a_raw_table_without_rows_is_silence(tree: Any) -> None:
    tree.put("c1_hawkears/HawkEars_labels.csv", HEADER.encode())
    tree.put("c1.json", silent(hawkears_output="c1_hawkears"))
    result = tree.aggregate()
    assert (result.chunks, result.silent_chunks, result.rejected) == (1, 1, ())


def test_of_a_table_of_several_chunks_only_its_own_rows_are_taken(tree: Any) -> None:
    rows = "c1.wav,0,3,Ovenbird,OVEN,0.5\nc2.wav,0,3,Ovenbird,OVEN,0.6\n"
    tree.put("c1_hawkears/HawkEars_labels.csv", (HEADER + rows).encode())
    tree.put("c1.json", silent(detections=None))
    tree.aggregate()
    assert [row["confidence"] for row in tree.rows()] == [0.5]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (b"filename,start_time\n", "lacks the column end_time"),
        ((HEADER + "x,abc,4,N,C,0.5\n").encode(), "line 2"),
        ((HEADER + "x,1,4,N,C\n").encode(), "line 2"),
        ((HEADER + "x,1,4,N,C,nan\n").encode(), "line 2"),
        (b"\xff\xfe\x00", "cannot be read"),
        ((HEADER + "x,1,inf,N,C,0.5\n").encode(), "line 2"),
        ((HEADER + "x,1,1e300,N,C,0.5\n").encode(), "line 2"),
        (HEADER.encode() + bytes(64), "cannot be read"),
    ],
)
def test_a_broken_raw_table_is_named(tree: Any, table: Any, reason: Any) -> None:
    tree.put("c1_hawkears/HawkEars_labels.csv", table)
    tree.put("c1.json", silent(detections=None))
    result = tree.aggregate()
    assert reason in result.rejected[0].reason


def test_a_silence_is_believed_whatever_the_raw_table_says(tree: Any) -> None:
    tree.put("c1_hawkears/HawkEars_labels.csv", (HEADER + "x,1,4,N,C,0.5\n").encode())
    tree.put("c1.json", silent(detections=[], status="no_detections"))
    result = tree.aggregate()
    assert (result.detections, result.silent_chunks) == (0, 1)


def test_a_table_that_is_not_there_is_named(tree: Any) -> None:
    tree.put("c1.json", silent(hawkears_output="gone"))
    assert "no raw HawkEars table" in tree.aggregate().rejected[0].reason


def test_detections_in_the_payload_come_before_the_raw_table(tree: Any, call: Any) -> None:
    tree.put("c1_hawkears/HawkEars_labels.csv", (HEADER + "x,1,4,N,C,0.5\n").encode())
    tree.put("c1.json", silent(detections=[call()], hawkears_output="c1_hawkears"))
    tree.aggregate()
    assert [row["label"] for row in tree.rows()] == ["OVEN"]
