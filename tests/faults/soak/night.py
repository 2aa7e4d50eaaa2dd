"""One soak from its first chunk to its report."""

import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.soak.account import accounted, drafted, faults_found, level, longest
from tests.faults.soak.chunks import Chunks, make_chunks
from tests.faults.soak.legs import Blow, Legs, disk_full, signalled
from tests.faults.soak.places import OwnServer, small_disk

_SHARE = 0.015
_MOST_LEGS = 20
_DISK_MIB, _MIB_PER_CHUNK = 16, 1 / 128


@dataclass(frozen=True)
class Night:
    """A soak that is over.

    Attributes:
        seed: what decided its faults.
        chunks, legs: what was heard, and how.
        accounted: how many chunks are where they should be.
        faults: what is not as it should be, in a line each.
        drafts: hidden files that killed writers left in the output folder.
        disk: whether the output folder's disk could be filled.
        took_s: how long it took.
    """

    seed: int
    chunks: Chunks
    legs: Legs
    accounted: int
    faults: list[str]
    drafts: int
    disk: bool
    took_s: float


def soak(folder: Path, count: int, seed: int, server: Mapping[str, str] | None = None) -> Night:
    """Hear so many chunks in runs that are broken off in every way; then look what is there.

    Args:
        folder: made for it, or empty.
        count: some hundreds at least.
        seed: decides which chunk has what fault, and when blows fall.
        server: a Prefect server that is not to be disturbed; without one, the soak has its own,
            and a long leg in which memory and descriptors are held to their level.
    """
    began_s, chance = time.monotonic(), random.Random(seed)  # noqa: S311 - no secret
    folder.mkdir(parents=True, exist_ok=True)
    share = _SHARE if server is None else 5 * _SHARE
    chunks = make_chunks(folder, count, share, chance)
    size_mib = round(_DISK_MIB + _MIB_PER_CHUNK * count)
    with _server(server, folder) as (environment, own), small_disk(folder / "disk", size_mib) as d:
        legs = Legs(chunks, folder / "disk" / "out", environment)
        for blows in _plan(count, chance, own, folder / "disk" if d else None):
            legs.run(*blows)
        while not _done(chunks, legs) and len(legs.codes) < _MOST_LEGS:
            legs.run()
        return Night(
            seed=seed,
            chunks=chunks,
            legs=legs,
            accounted=accounted(chunks, legs),
            faults=list(faults_found(chunks, legs, levels=own is not None)),
            drafts=sum(drafted(path.name) for path in legs.output.rglob("*")),
            disk=d,
            took_s=time.monotonic() - began_s,
        )


@contextmanager
def _server(
    given: Mapping[str, str] | None, folder: Path
) -> Iterator[tuple[Mapping[str, str], OwnServer | None]]:
    if given is not None:
        yield given, None
        return
    own = OwnServer(folder / "prefect")
    try:
        yield own.environment, own
    finally:
        own.close()


def _plan(
    count: int, chance: random.Random, own: OwnServer | None, disk: Path | None
) -> Iterator[list[Blow]]:
    """Yield the blows of each leg; the last one of a long soak is a long one."""

    def at(percent: float) -> int:
        return round(count * (percent + chance.random()) / 100)

    yield [signalled(at(3), signal.SIGKILL)]
    yield [signalled(at(25 if own is None else 8), signal.SIGTERM)]
    if own is not None:
        yield [signalled(at(12), signal.SIGINT)]
        yield [Blow(at(15), "Prefect server SIGKILL", own.lose), signalled(at(19), signal.SIGTERM)]
        yield [signalled(at(23), signal.SIGKILL)]
    yield [] if disk is None else [disk_full(at(60), disk)]


def _done(chunks: Chunks, legs: Legs) -> bool:
    """Say whether only what fails for good is left, and the last leg came to its end."""
    heard = {chunk for _, chunk in chunks.answers} - {chunk for _, chunk in chunks.doomed}
    return legs.codes[-1] == 1 and heard == legs.finished[-1][1]


def report(night: Night) -> str:
    """Return what there is to say, in lines of Markdown."""
    return "\n".join(_lines(night))


def _lines(night: Night) -> Iterator[str]:
    chunks, legs = night.chunks, night.legs
    count, starts = len(chunks.answers), chunks.begun()
    yield f"- seed {night.seed}, {count:,} chunks, {legs.slots} slots, {night.took_s:.0f} s"
    yield f"- accounted for: {night.accounted:,} of {count:,}"
    yield f"  ({count - len(chunks.doomed):,} heard, {len(chunks.doomed)} failed for good, by name)"
    yield f"- runner started {starts:,} times; runs {len(legs.codes)}, ended {legs.codes}"
    injected = chunks.injected()
    told = ", ".join(f"{kind} {number}" for kind, number in sorted(injected.items()))
    yield f"- runners that went wrong: {injected.total()} ({told})"
    told = ", ".join(f"{kind} {number}" for kind, number in sorted(legs.dealt.items()))
    yield f"- blows from outside: {told}"
    if not night.disk:
        yield "- no disk was full: only root can make a small one"
    leg = longest(legs)
    if leg:
        memory, opened = level(leg, "memory_mib"), level(leg, "descriptors")
        heard = leg[-1].begun - leg[0].begun
        yield f"- the longest leg began {heard:,} hearings; at a tenth, half and the end of them"
        yield (
            f"  memory {memory.tenth:.0f}, {memory.half:.0f}, {memory.end:.0f} MiB"
            f" ({memory.growth_pct:+.1f} %), descriptors {opened.tenth:.0f}, {opened.half:.0f},"
            f" {opened.end:.0f}"
        )
    yield f"- hidden drafts of killed writers in the output folder: {night.drafts}"
    yield f"- lost, repeated, leaked or left: {len(night.faults) or 'nothing'}"
    yield from (f"  - {line}" for line in night.faults[:30])
