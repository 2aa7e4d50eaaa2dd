"""Every chunk of a manifest against its JSON, its audio and the runner that is expected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from badc.hardware import usable_cores
from badc.manifest import Chunk, ChunkKey
from badc.results import (
    KINDS,
    MENDED_BY_HEARING,
    Examination,
    Finding,
    Kind,
    Maker,
    examine,
    result_path,
)
from badc.runs.foreign import find_strays
from badc.runs.paths import absolute

_MOST_THREADS = 8  # disks gain little from more readers


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found wrong, and what was not.

    Attributes:
        chunks: all of the manifest, in its order.
        expected: the runner that results are expected of; None where no result names any.
        findings: by kind, then in the manifest's order.
        by_size_alone: how many intact chunks were compared with their audio by size, because
            their JSON records no digest.
        elsewhere: how many JSON files stand in other recordings' folders; they were not opened.
    """

    chunks: tuple[Chunk, ...]
    expected: Maker | None
    findings: tuple[Finding, ...]
    by_size_alone: int
    elsewhere: int

    @property
    def all_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def counts(self) -> dict[Kind, int]:
        """How many findings there are of each kind."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS}

    @property
    def intact(self) -> int:
        """How many chunks have nothing wrong."""
        return len(self.chunks) - len({finding.key for finding in self.findings} - {None})

    @property
    def to_hear(self) -> tuple[Chunk, ...]:
        """The chunks that hearing again puts right: their audio is what the manifest means."""
        unfit = self._keys({"audio"})
        wanted = self._keys(MENDED_BY_HEARING) - unfit
        return tuple(chunk for chunk in self.chunks if chunk.key in wanted)

    def _keys(self, kinds: Iterable[Kind]) -> set[ChunkKey | None]:
        return {finding.key for finding in self.findings if finding.kind in kinds}


def verify(chunks: Sequence[Chunk], output_dir: Path, asked: Maker | None = None) -> Verification:
    """Check every one of ``chunks`` against what stands below ``output_dir``.

    Without a runner ``asked``, that of most chunks is expected of all. The stub counts only where
    nobody else was at work: its silence must not outvote what a runner heard.

    Args:
        chunks: as :func:`badc.manifest.read_manifest` gives them with ``absence_allowed``.
        output_dir: a folder that is there.
        asked: the runner that all results are to be of.
    """
    output_dir = absolute(output_dir)
    places = [result_path(output_dir, chunk.key) for chunk in chunks]
    with ThreadPoolExecutor(min(usable_cores(), _MOST_THREADS)) as pool:
        examined = list(pool.map(examine, chunks, places))
    expected = asked or _most_common(each.maker for each in examined)
    findings = [finding for each in examined for finding in _findings(each, expected)]
    strays = find_strays(output_dir, [chunk.key for chunk in chunks])
    findings.sort(key=lambda finding: KINDS.index(finding.kind))
    wrong = {finding.key for finding in findings}
    return Verification(
        chunks=tuple(chunks),
        expected=expected,
        findings=(*findings, *strays.foreign),
        by_size_alone=sum(not each.by_digest and each.chunk.key not in wrong for each in examined),
        elsewhere=strays.elsewhere,
    )


def _most_common(makers: Iterable[Maker | None]) -> Maker | None:
    """Return who made the most results; of several the first, and the stub last of all."""
    counts = Counter(maker for maker in makers if maker is not None and maker.fingerprint)
    if not counts:
        return None
    return max(counts, key=lambda maker: (not maker.is_stub, counts[maker]))


def _findings(examined: Examination, expected: Maker | None) -> list[Finding]:
    chunk, found = examined.chunk, []
    if fault := examined.fault or _other_runner(examined.maker, expected):
        kind, why = fault
        found.append(Finding(kind, examined.path, why, chunk.key))
    if examined.audio_fault:
        found.append(Finding("audio", chunk.path, examined.audio_fault, chunk.key))
    return found


def _other_runner(maker: Maker | None, expected: Maker | None) -> tuple[Kind, str] | None:
    """Say why a result is not of the runner that is expected."""
    if maker is None:
        return None
    if maker.fingerprint is None or expected is None:
        return "stale", "does not record which runner made it"
    if maker.is_stub and not expected.is_stub:
        return "stale", f"is of the stub, which hears nothing; expected is {expected}"
    if maker.fingerprint != expected.fingerprint:
        return "stale", f"was made by {maker}; expected is {expected}"
    return None
