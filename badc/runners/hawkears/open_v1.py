"""HawkEars 1.x at work: one start per chunk, or one for several chunks that are expected.

Its script loads its models each time and knows no other way. Chunks that were heard together hand
out their shares one by one. Where such a start fails, whatever for, its chunks are heard one by one
as if it had not been: one chunk's fault or slowness is never another one's.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from badc.detections import Detection, Heard
from badc.errors import AttemptError
from badc.manifest import Chunk
from badc.process import Finished, ProgramMissingError
from badc.runners.file_mark import mark_of
from badc.runners.hawkears import joint_v1, labels_csv, v1, verdict
from badc.runners.hawkears.installation import Installation
from badc.runners.hawkears.opened import OpenHawkears
from badc.runners.protocol import Desk

_MOST_FAILURES = 2  # in a row: then it is not the chunks


@dataclass(frozen=True)
class _Share:
    """What a joint start wrote about one chunk, how that ended, and the state of the audio then."""

    folder: Path
    ended: Finished
    mark: tuple[int, ...] | None


class OpenV1(OpenHawkears):
    """HawkEars 1.x at work, in a root of links of its own."""

    labels_file = v1.LABELS_FILE

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        super().__init__(found, args, desk)
        self._home = Path(tempfile.mkdtemp(prefix="hawkears-", dir=desk.scratch))
        self._root = v1.mirror(found.root, self._home / "root")
        self._together = self._home / "together"
        self._shares: dict[Path, _Share] = {}
        self._apart: frozenset[Path] = frozenset()  # what the last joint start failed on
        self._failures = 0

    @property
    def model_version(self) -> str:
        """Version of the script, or its checkpoints."""
        return v1.model_version(self._found)

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """See :class:`badc.runners.protocol.OpenRunner`.

        Where others are expected after it, they are heard in the same start, within as many times
        ``timeout_s``. Where that start fails, this chunk has all its time still.
        """
        paths = [chunk.path, *(each.path for each in self._expected.after(chunk))]
        known = chunk.path in self._shares or chunk.path in self._apart
        if len(paths) > 1 and not known and self._failures < _MOST_FAILURES:
            self._hear_jointly(paths, timeout_s)
        return super().hear(chunk, raw_dir, timeout_s)

    def _hear_jointly(self, paths: list[Path], timeout_s: float) -> None:
        """Fill the shares of the first of these chunks and of as many others as fit one start."""
        lengths_s = joint_v1.company(paths)
        if len(lengths_s) < 2 or paths[0] not in lengths_s:
            return
        self._shares = {}
        shutil.rmtree(self._together, ignore_errors=True)
        try:
            self._shares = self._start_jointly(lengths_s, timeout_s * len(lengths_s))
            self._failures, self._apart = 0, frozenset()
        except (AttemptError, labels_csv.LabelsFormError, OSError):
            self._failures += 1
            self._apart = frozenset(lengths_s)

    def _start_jointly(self, lengths_s: dict[Path, float], limit_s: float) -> dict[Path, _Share]:
        """Start HawkEars once; return each chunk's share, read and found good."""
        chunks, output = self._together / "chunks", self._together / "output"
        self._together.mkdir()
        joint_v1.link(lengths_s, chunks)
        marks = {path: mark_of(path) for path in lengths_s}
        ended = self._start(chunks, output, limit_s, v1.ONE_BY_ONE)
        verdict.refuse_failure(ended, chunks, limit_s)
        joint_v1.refuse_unheard(ended, lengths_s, chunks)
        folders = {path: self._together / str(number) for number, path in enumerate(lengths_s)}
        joint_v1.divide(output, folders)
        for path, length_s in lengths_s.items():
            self._read(folders[path] / self.labels_file, path, length_s, ended)
        return {path: _Share(folders[path], ended, marks[path]) for path in lengths_s}

    def _run(self, chunk: Path, output: Path, timeout_s: float) -> Finished:
        share = self._shares.pop(chunk, None)
        if share is None or share.mark != mark_of(chunk):
            return self._start(chunk, output, timeout_s)
        for file in share.folder.iterdir():
            file.rename(output / file.name)
        return share.ended

    def _start(
        self, audio: Path, output: Path, timeout_s: float, options: tuple[str, ...] = ()
    ) -> Finished:
        try:
            return self._desk.door.run(
                v1.command(self._found, self._root, audio, output, (*options, *self._args)),
                cwd=self._root,
                env=self._environment,
                timeout_s=timeout_s,
            )
        except ProgramMissingError as error:
            raise AttemptError(
                f"HawkEars could not be started in {self._root}: {error.message}",
                f"Is that folder still there, and {self._found.python}?",
            ) from None

    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]:
        return labels_csv.read_v1(table, duration_s)
