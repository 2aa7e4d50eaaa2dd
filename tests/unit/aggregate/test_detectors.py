"""Tables that mix detectors or settings say so, whichever chunks they heard."""

import json
import pickle
from typing import Any

import pytest

from badc.aggregate import UnsoundTablesError, raise_if_mixed


def by(fingerprint: str | None, runner: str = "birdnet", **more: Any) -> dict[str, Any]:
    provenance = {} if fingerprint is None else {"runner_fingerprint": fingerprint}
    return {"runner": runner, "model_version": "V2.4", "provenance": provenance} | more


STUB = by("5" * 16, "stub", status="stub", model_version=None)


def heard(result: Any) -> list[tuple[str, int, int]]:
    return [(str(each), each.chunks, each.recordings) for each in result.detectors.found]


def test_half_a_recording_with_other_settings_is_named(tree: Any, payload: Any, call: Any) -> None:
    for number in range(6):  # quiet chunks and loud ones; never the same chunk twice
        calls = [call()] * (number % 2)
        fingerprint = "a" * 16 if number < 4 else "b" * 16
        tree.put(f"R/{number}.json", payload(f"c{number}", *calls, **by(fingerprint)))
    result = tree.aggregate()
    assert heard(result) == [
        (f"birdnet V2.4 [{'a' * 16}]", 4, 1),
        (f"birdnet V2.4 [{'b' * 16}]", 2, 1),
    ]
    assert (result.detectors.mixed_recordings, result.chunks_heard_twice) == (1, 0)
    with pytest.raises(UnsoundTablesError, match="--allow-mixed") as caught:
        raise_if_mixed(result, tree.csv)
    words = str(caught.value)
    for part in ("a" * 16, "b" * 16, "4 chunks of 1 recording, R", "1 recording, R. "):
        assert part in words
    assert "\n" not in words
    assert pickle.loads(pickle.dumps(caught.value)).aggregated.chunks == 6
    assert len(tree.rows()) == 3  # the tables are written all the same


def test_silence_of_the_stub_beside_real_results_is_mixed(
    tree: Any, payload: Any, call: Any
) -> None:
    for number in range(5):
        tree.put(f"{number}.json", payload("c", call(), recording_id=f"R{number}", **by("a" * 16)))
    tree.put("s.json", payload("c", recording_id="S", **STUB))
    result = tree.aggregate()
    assert heard(result) == [
        (f"birdnet V2.4 [{'a' * 16}]", 5, 5),
        (f"stub [{'5' * 16}]", 1, 1),
    ]
    assert result.detectors.mixed_recordings == 0
    assert "5 recordings, R0, R1, R2, …" in str(result.detectors)
    listed = {row["recording_id"]: json.loads(row["detectors"]) for row in tree.effort()}
    assert listed["S"] == [
        {
            "runner": "stub",
            "model_version": None,
            "runner_fingerprint": "5" * 16,
            "chunks": 1,
        }
    ]


@pytest.mark.parametrize(
    ("first", "second", "detectors"),
    [
        (by("a" * 16), by("a" * 16), 1),
        (by("a" * 16), by("a" * 16, model_version=None), 1),  # a program silent about its silence
        (by(None), by(None), 1),
        (by(None), by(None, model_version=None), 1),
        (by(None), by(""), 1),
        (by(None), by("a" * 16), 2),
        (by("a" * 16), by("a" * 16, model_version="V3"), 2),
        (by(None), by(None, runner="hawkears"), 2),
        (by(None), {"runner": None, "model_version": None}, 2),
        (STUB, STUB | {"runner": None, "provenance": STUB["provenance"]}, 1),
    ],
)
def test_what_is_one_detector(
    tree: Any, payload: Any, first: Any, second: Any, detectors: int
) -> None:
    tree.put("1.json", payload("c1", **first))
    tree.put("2.json", payload("c2", start_ms=60_000, **second))
    result = tree.aggregate()
    assert result.rejected == ()
    assert len(result.detectors.found) == detectors
    assert result.detectors.are_mixed == (detectors > 1)


def test_one_detector_is_no_fault_and_the_stub_alone_is_told(tree: Any, payload: Any) -> None:
    tree.put("1.json", payload("c1", **STUB))
    result = tree.aggregate()
    raise_if_mixed(result, tree.csv)
    assert result.detectors.are_stub_alone
    tree.put("1.json", payload("c1", **by("a" * 16)))
    assert not tree.aggregate().detectors.are_stub_alone


def test_no_results_have_no_detector(tree: Any) -> None:
    detectors = tree.aggregate().detectors
    assert (detectors.found, detectors.are_mixed, detectors.are_stub_alone) == ((), False, False)
