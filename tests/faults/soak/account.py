"""What a soak left behind, held against what it should have."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from badc.detections import DetectionFormError, read_result
from tests.faults.evidence import leaked, left_in
from tests.faults.soak.chunks import Chunks
from tests.faults.soak.legs import Legs, Sample

_MOST_GROWTH_PCT = 10.0
_LEAST_SAMPLES = 40
_PATIENCE_S = 60.0  # what is ending just now may take its time


@dataclass(frozen=True)
class Level:
    """A figure of the longest leg at a tenth, at half and at the end of it."""

    tenth: float
    half: float
    end: float

    @property
    def growth_pct(self) -> float:
        return 100 * (self.end / self.tenth - 1)


def longest(legs: Legs) -> list[Sample]:
    """Return the samples of the leg that heard most, while it heard."""
    return max((_hearing(leg) for leg in legs.samples), key=_length, default=[])


def _hearing(leg: Sequence[Sample]) -> list[Sample]:
    """Leave out what came before the first chunk and after the last."""
    return [sample for sample in leg if leg[0].begun < sample.begun < leg[-1].begun]


def _length(leg: Sequence[Sample]) -> int:
    return leg[-1].begun - leg[0].begun if leg else 0


def level(leg: Sequence[Sample], figure: str) -> Level:
    """Return a figure's median around a tenth, half and the end of a leg's chunks."""

    def around(share: float) -> float:
        wanted = leg[0].begun + share * (leg[-1].begun - leg[0].begun)
        nearest = sorted(leg, key=lambda sample: abs(sample.begun - wanted))[:9]
        return median(getattr(sample, figure) for sample in nearest)

    return Level(around(0.1), around(0.5), around(1.0))


def faults_found(
    chunks: Chunks, legs: Legs, *, levels: bool, patience_s: float = _PATIENCE_S
) -> Iterator[str]:
    """Yield, in a line each, what should not be; memory only where the soak was a long one."""
    yield from _wrong_results(chunks, legs)
    yield from _wrong_summary(chunks, legs)
    yield from repeated(chunks, legs)
    for number, command in leaked(legs.mark, patience_s).items():
        yield f"process {number} is left: {command}"
    for name in sorted(left_in(legs.scratch)):
        yield f"temporary file {name} is left"
    for number, said in enumerate(legs.errors):
        if "Traceback" in said:
            yield f"leg {number} ended in a traceback"
    if levels:
        yield from _wrong_levels(longest(legs))


def accounted(chunks: Chunks, legs: Legs) -> int:
    """Return how many chunks are heard rightly, or failed by design and are reported so."""
    wrong = {line.partition(":")[0] for line in _wrong_results(chunks, legs)}
    wrong |= {line.partition(":")[0] for line in _wrong_summary(chunks, legs)}
    return sum(f"{recording}/{chunk}" not in wrong for recording, chunk in chunks.answers)


def _wrong_results(chunks: Chunks, legs: Legs) -> Iterator[str]:
    expected = {legs.output / key[0] / f"{key[1]}.json": key for key in chunks.answers}
    for path in legs.output.rglob("*"):
        if not path.is_dir() and path not in expected and not drafted(path.name):
            yield f"{path}: a file of nobody's"
    for path, key in expected.items():
        name = "/".join(key)
        if key in chunks.doomed:
            if path.exists():
                yield f"{name}: was to fail for good and has a result"
            continue
        try:
            result = read_result(path)
        except DetectionFormError as error:
            yield f"{name}: {error.message}"
            continue
        heard = [detection.to_json() for detection in result.detections]
        if tuple(result.key) != key or heard != chunks.answers[key]:
            yield f"{name}: says what was not heard"


def _wrong_summary(chunks: Chunks, legs: Legs) -> Iterator[str]:
    jobs: dict[str, Any] = json.loads(legs.summary.read_text())["jobs"]
    for key in chunks.answers:
        name, wanted = "/".join(key), "failure" if key in chunks.doomed else "success"
        status = jobs.get(name, {}).get("status")
        if status != wanted:
            yield f"{name}: the summary says {status}, not {wanted}"


def repeated(chunks: Chunks, legs: Legs) -> Iterator[str]:
    """Yield chunks that were heard again although a leg had left their JSON."""
    hearings = chunks.hearings()
    for (begin, done), (end, _) in pairwise(legs.finished):
        for chunk in sorted(done & {*hearings[begin:end]}):
            yield f"{chunk}: was heard again after it had been done"


def drafted(name: str) -> bool:
    """Say whether a file is what a killed writer leaves, hidden, at most one per slot and kill."""
    return name.startswith(".") and name.endswith(".tmp")


def _wrong_levels(leg: Sequence[Sample]) -> Iterator[str]:
    if len(leg) < _LEAST_SAMPLES:
        yield f"the longest leg was looked at {len(leg)} times only"
        return
    memory, opened = level(leg, "memory_mib"), level(leg, "descriptors")
    if memory.growth_pct >= _MOST_GROWTH_PCT:
        yield f"memory grew by {memory.growth_pct:.1f} %"
    if opened.end > opened.tenth * (1 + _MOST_GROWTH_PCT / 100) + 2:
        yield f"descriptors grew from {opened.tenth:.0f} to {opened.end:.0f}"
