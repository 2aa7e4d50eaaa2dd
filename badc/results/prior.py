"""What stands in the output folder before a run, chunk by chunk, and what a run may make of it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from badc.detections import ChunkResult, label_counts
from badc.manifest import Chunk, ChunkKey
from badc.results.audio import AudioDigests
from badc.results.examination import Examination, Maker, examine, recorded_audio
from badc.results.key import result_path
from badc.results.resume import FinishedChunks

_NO_LABELS: Mapping[str, int] = {}  # there may be a million silent chunks


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk that is not to be heard: its result would come out the same.

    Attributes:
        elsewhere: where its JSON stands, if that is another folder of an earlier run.
        detections: how many it holds.
        labels: how many of each label.
    """

    elsewhere: Path | None
    detections: int
    labels: Mapping[str, int]


@dataclass
class PriorResults:
    """All chunks of a run, by what stands in the place of their JSON; a missing one is in none.

    Attributes:
        done: results that count.
        torn: files that are no result, or another chunk's.
        of_stub: results of the stub, where another runner is to hear.
        of_others: results of other runners, or other settings, by who made them.
        of_other_recordings: results made from another file, which is still there, or whose content
            was other -> that file.
        of_other_audio: results of this runner, of audio that has changed since.
        in_summary: chunks whose place is the one that the summary tells of, which the run resumes
            from.
    """

    done: dict[ChunkKey, Done] = field(default_factory=dict)
    torn: list[ChunkKey] = field(default_factory=list)
    of_stub: list[ChunkKey] = field(default_factory=list)
    of_others: dict[Maker, list[ChunkKey]] = field(default_factory=dict)
    of_other_recordings: dict[ChunkKey, Path] = field(default_factory=dict)
    of_other_audio: list[ChunkKey] = field(default_factory=list)
    in_summary: set[ChunkKey] = field(default_factory=set)

    def add(self, other: "PriorResults") -> None:
        """Take in what stands in the way of other chunks; which are done is not taken in."""
        self.of_other_recordings |= other.of_other_recordings
        for maker, keys in other.of_others.items():
            self.of_others.setdefault(maker, []).extend(keys)


def look_through(
    chunks: Iterable[Chunk],
    output_dir: Path,
    runner: str,
    digests: AudioDigests,
    finished: FinishedChunks | None = None,
    *,
    audio_needed: bool = True,
) -> PriorResults:
    """Look at what stands below ``output_dir`` in the place of each chunk's JSON.

    Args:
        chunks: with their audio.
        output_dir: need not be there.
        runner: the fingerprint of the runner that is to hear.
        digests: knows digests of audio.
        finished: what an earlier run's summary says; its results count in other folders as well,
            where they are of the same runner and audio.
        audio_needed: whether a chunk counts as done only where its audio is here; without, the
            JSON is believed about audio that was dropped after it was heard.
    """
    prior = PriorResults()
    for chunk in chunks:
        path = result_path(output_dir, chunk.key)
        job = finished.job_for(chunk) if finished else None
        found = examine(chunk, path, runner, digests)
        if found.done is None and job and job.output and Path(job.output) != path:
            elsewhere = examine(chunk, Path(job.output), runner, digests)
            found = elsewhere if elsewhere.done else found
        done = found.done
        if not audio_needed and found.audio.fault is not None and found.fault is None:
            done = found.result
        if done:
            prior.done[chunk.key] = _done(done, path, found.path)
        else:
            _sort_in(prior, found, runner)
            if job is not None and _same_file(job.output, path):
                prior.in_summary.add(chunk.key)
    return prior


def _done(result: ChunkResult, path: Path, found: Path) -> Done:
    count = len(result.detections)
    labels = label_counts(result.detections) if count else _NO_LABELS
    return Done(None if found == path else found, count, labels)


def _sort_in(prior: PriorResults, found: Examination, runner: str) -> None:
    """Put a chunk that is to be heard where what stands in its place belongs."""
    key = found.chunk.key
    if found.result is None or found.maker is None:
        if found.fault and found.fault[0] == "corrupt":
            prior.torn.append(key)
    elif found.maker.fingerprint != runner:
        if found.maker.is_stub:
            prior.of_stub.append(key)
        else:
            prior.of_others.setdefault(found.maker, []).append(key)
    elif (other := _other_recording(found, found.result)) is not None:
        prior.of_other_recordings[key] = other
    elif found.fault is not None:
        prior.of_other_audio.append(key)


def _same_file(told: str | None, path: Path) -> bool:
    """Say whether a summary means ``path``; one that tells no place means the run's own folder."""
    try:
        return not told or os.path.realpath(told) == os.path.realpath(path)
    except (OSError, ValueError):  # what a summary tells may be no path
        return False


def _other_recording(found: Examination, result: ChunkResult) -> Path | None:
    """Return the file that a result was made from, where that is not the chunk's own file.

    It may be gone, as with a card that was taken out, or be other audio by now: a result of other
    content from another place is another recording's all the same.
    """
    told = result.provenance.get("audio_path")
    if not isinstance(told, str) or not told or "\0" in told:
        told = result.source_path or ""
        if not told.startswith(os.sep):  # of an earlier version, and relative to who knows what
            return None
    place = Path(os.path.abspath(os.path.join(found.path.parent, told)))  # noqa: PTH118 - cheap
    if os.path.realpath(place) == os.path.realpath(found.chunk.path):
        return None
    recorded, ours = recorded_audio(result), found.audio.sha256
    if recorded.sha256 and ours and recorded.sha256 != ours:
        return place
    audio = AudioDigests().look(place, hashed=bool(recorded.sha256), earlier=recorded)
    same = audio.sha256 == recorded.sha256 and audio.size_bytes == recorded.size_bytes
    return None if audio.fault or not same else place
