"""Whatever is done to a folder of results, verification names exactly that."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.results import AudioDigests, examine
from tests.heard_results import RUNNER, HeardResults

_LEFT_ALONE = 2  # chunks that say which runner is expected, whatever becomes of the others
_FOREIGN = ("c99.json", "old/c0.json", ".c0.json.0a1b2c3d.tmp", "Ä\n.json")
_HARMLESS = ("notes.txt", "c0_hawkears/labels.json", "../B/c0.json", "../B/torn.json")


def _gone(heard: HeardResults, number: int) -> None:
    heard.json(number).unlink()


def _torn(heard: HeardResults, number: int) -> None:
    raw = heard.json(number).read_bytes()
    heard.json(number).write_bytes(raw[: len(raw) // 2])


def _of_another_chunk(heard: HeardResults, number: int) -> None:
    heard.change(number, chunk_id=f"c{number + 1}")


def _of_another_runner(heard: HeardResults, number: int) -> None:
    heard.change(number, provenance={"runner_fingerprint": f"{number:016x}"})


def _of_the_stub(heard: HeardResults, number: int) -> None:
    heard.hear(heard.chunks[number], "0" * 16, "stub")


def _heard_before_the_cut(heard: HeardResults, number: int) -> None:
    heard.change(number, chunk={"sha256": "ab" * 32})


def _heard_before_the_cut_and_no_longer_hashed(heard: HeardResults, number: int) -> None:
    chunk = heard.chunks[number]
    chunk.path.write_bytes(chunk.path.read_bytes()[::-1])
    heard.chunks[number] = replace(chunk, sha256=None)


def _audio_spoilt(heard: HeardResults, number: int) -> None:
    path = heard.chunks[number].path
    path.write_bytes(path.read_bytes()[::-1])


def _audio_gone(heard: HeardResults, number: int) -> None:
    heard.chunks[number].path.unlink()


DAMAGES: dict[Callable[[HeardResults, int], None], str] = {
    _gone: "missing",
    _torn: "corrupt",
    _of_another_chunk: "corrupt",
    _of_another_runner: "stale",
    _of_the_stub: "stale",
    _heard_before_the_cut: "stale",
    _heard_before_the_cut_and_no_longer_hashed: "stale",
    _audio_spoilt: "audio",
    _audio_gone: "audio",
}
_damages = st.lists(st.sampled_from([None, *DAMAGES]), max_size=6)


@settings(max_examples=60)
@given(_damages, st.sets(st.sampled_from(_FOREIGN)), st.sets(st.sampled_from(_HARMLESS)))
def test_exactly_the_damaged_chunks_and_the_foreign_files_are_listed(damages, foreign, harmless):
    with tempfile.TemporaryDirectory() as folder:
        heard = HeardResults.make(Path(folder), len(damages) + _LEFT_ALONE)
        for number, damage in enumerate(damages):
            if damage is not None:
                damage(heard, number)
        for name in foreign | harmless:
            path = heard.out / "REC" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"{}")
        verification = heard.verify()
        damaged = {
            (DAMAGES[damage], f"c{number}") for number, damage in enumerate(damages) if damage
        }
        listed = [
            (finding.kind, finding.key.chunk_id if finding.key else finding.path.name)
            for finding in verification.findings
        ]
        assert len(listed) == len(set(listed))
        assert set(listed) == damaged | {("foreign", Path(name).name) for name in foreign}
        assert verification.intact == len(heard.chunks) - len(damaged)
        assert {chunk.key.chunk_id for chunk in verification.to_hear} == {
            chunk for kind, chunk in damaged if kind != "audio"
        }
        wrong = {finding.key for finding in verification.findings}
        for chunk in heard.chunks:
            if chunk.key not in wrong:  # what is well, a run would not hear again
                assert examine(chunk, heard.json(chunk), RUNNER, AudioDigests()).done


_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**4000)
    | st.floats(allow_nan=False)
    | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
_fields = st.fixed_dictionaries(
    {},
    optional={
        "recording_id": _anything,
        "chunk_id": _anything,
        "status": _anything,
        "runner": _anything,
        "detections": _anything,
        "chunk": _anything
        | st.fixed_dictionaries({"start_ms": _anything, "end_ms": _anything, "sha256": _anything}),
        "provenance": _anything
        | st.fixed_dictionaries({"runner_fingerprint": _anything, "chunk_bytes": _anything}),
    },
)


@given(_fields)
def test_whatever_a_json_holds_is_judged_in_a_few_words(one_heard, fields):
    before = one_heard.json(0).read_bytes()
    one_heard.change(0, **fields)
    try:
        for chunk in (one_heard.chunks[0], replace(one_heard.chunks[0], sha256=None)):
            examined = examine(chunk, one_heard.json(0))
            assert examined.audio_fault is None
            assert len(f"{examined.fault} {examined.maker}") < 500
    finally:
        one_heard.json(0).write_bytes(before)


@pytest.fixture(scope="module")
def one_heard(tmp_path_factory):
    return HeardResults.make(tmp_path_factory.mktemp("one"), 1)
