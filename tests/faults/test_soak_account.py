"""That a soak's account finds what it is there to find."""

import json
import os
import random
import shutil
import subprocess

import pytest

from badc.detections import result_json, write_result
from badc.detections.detection import Detection
from badc.manifest import read_manifest
from tests.faults.evidence import MARK
from tests.faults.soak.account import accounted, faults_found, level
from tests.faults.soak.chunks import make_chunks
from tests.faults.soak.legs import Legs, Sample

_COUNT = 60


@pytest.fixture
def legs(tmp_path):
    """The perfect end of a night."""
    chunks = make_chunks(tmp_path, _COUNT, 0.1, random.Random(1))  # noqa: S311
    legs = Legs(chunks, tmp_path / "out", {})
    jobs = {}
    for chunk in read_manifest(chunks.manifest):
        doomed = tuple(chunk.key) in chunks.doomed
        jobs[str(chunk.key)] = {"status": "failure" if doomed else "success"}
        if not doomed:
            answer = tuple(map(Detection.from_json, chunks.answers[tuple(chunk.key)]))
            result = result_json(
                chunk, runner="custom", detections=answer, dataset_root=None, model_version=None,
                extra={}, provenance={},
            )  # fmt: skip
            write_result(_json(legs, chunk.key), result)
    legs.summary.write_text(json.dumps({"jobs": jobs}))
    legs.scratch.mkdir()
    (chunks.state / "heard").write_text("".join(f"{key[1]}\n" for key in chunks.answers))
    done = {path.stem for path in legs.output.glob("*/*.json")}
    legs.finished += [(_COUNT, done), (_COUNT, done)]
    return legs


def _json(legs, key):
    return legs.output / key[0] / f"{key[1]}.json"


def _heard(legs):
    return next(key for key in legs.chunks.answers if key not in legs.chunks.doomed)


def _doomed(legs):
    return min(legs.chunks.doomed)


def _say(legs, key, status):
    summary = json.loads(legs.summary.read_text())
    summary["jobs"]["/".join(key)]["status"] = status
    legs.summary.write_text(json.dumps(summary))


def _change_a_label(legs):
    key = next(
        key for key, answer in legs.chunks.answers.items() if answer and _is_heard(legs, key)
    )
    path = _json(legs, key)
    path.write_text(path.read_text().replace("SOAK", "SOAP"))


def _is_heard(legs, key):
    return key not in legs.chunks.doomed


def _hear_again(legs):
    with (legs.chunks.state / "heard").open("a") as stream:
        stream.write(f"{_heard(legs)[1]}\n")
    legs.finished[-1] = (_COUNT + 1, legs.finished[-1][1])


def _tear(legs):
    path = _json(legs, _heard(legs))
    os.truncate(path, path.stat().st_size // 2)


DAMAGE = {
    "lost": lambda legs: _json(legs, _heard(legs)).unlink(),
    "torn": _tear,
    "another label": _change_a_label,
    "of another chunk": lambda legs: shutil.copy(
        max(legs.output.rglob("*.json")), _json(legs, _heard(legs))
    ),
    "where it failed": lambda legs: shutil.copy(
        _json(legs, _heard(legs)), _json(legs, _doomed(legs))
    ),
    "a stray file": lambda legs: (legs.output / "stray.json").write_text("{}"),
    "forgotten": lambda legs: _say(legs, _heard(legs), "pending"),
    "not reported": lambda legs: _say(legs, _doomed(legs), "success"),
    "repeated": _hear_again,
    "left in TMPDIR": lambda legs: (legs.scratch / "badc-cpu-0-x").mkdir(),
    "traceback": lambda legs: legs.errors.append("Traceback (most recent call last):"),
}


def test_nothing_is_found_where_nothing_is_wrong(legs):
    assert list(faults_found(legs.chunks, legs, levels=False)) == []
    assert accounted(legs.chunks, legs) == _COUNT


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_kind_of_damage_is_found_once(legs, damage):
    DAMAGE[damage](legs)
    assert len(list(faults_found(legs.chunks, legs, levels=False))) == 1


def test_a_process_that_is_left_is_found(legs):
    with subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: legs.mark}) as left:
        (line,) = faults_found(legs.chunks, legs, levels=False, patience_s=0.2)
        left.kill()
    assert line == f"process {left.pid} is left: sleep 600 "


@pytest.mark.parametrize(
    ("memory", "opened", "found"),
    [(0, 0, 0), (9, 0, 0), (11, 0, 1), (0, 40, 1), (30, 40, 2)],
)
def test_what_grows_is_found(legs, memory, opened, found):
    leg = [
        Sample(number, 100 + memory * number / 900, 30 + opened * number // 1000)
        for number in range(0, 1000, 10)
    ]
    legs.samples.append(leg)
    assert level(leg, "memory_mib").half == pytest.approx(100 + memory * 500 / 900, abs=1)
    assert len(list(faults_found(legs.chunks, legs, levels=True))) == found
