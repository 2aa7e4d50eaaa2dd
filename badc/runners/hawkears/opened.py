"""HawkEars at work in one slot: what both generations have in common."""

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from badc.detections import Detection, Heard
from badc.errors import AttemptError
from badc.manifest import Chunk
from badc.process import Finished
from badc.runners.environment import slot_environment
from badc.runners.expected import Expected
from badc.runners.hawkears import labels_csv, raw_output, v2, verdict
from badc.runners.hawkears.installation import Installation
from badc.runners.protocol import Desk


class OpenHawkears(ABC):
    """HawkEars at work in one slot; the generations differ in a few places."""

    labels_file = ""

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        self._found = found
        self._args = args
        self._desk = desk
        self._expected = Expected()
        self._environment = slot_environment(desk) | {
            "PYTHONIOENCODING": "utf-8:backslashreplace",  # a file name must not end it
            "PYTHONUNBUFFERED": "1",  # a killed one has said all it said
        }

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        self._expected.tell(chunks)

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        duration_s = verdict.playing_time_s(chunk.path)
        output = Path(tempfile.mkdtemp(prefix="output-", dir=self._desk.scratch))
        try:
            ended = self._run(chunk.path, output, timeout_s)
            verdict.refuse_failure(ended, chunk.path, timeout_s)
            detections = self._read(output / self.labels_file, chunk.path, duration_s, ended)
            raw_output.keep(output, raw_dir)
        finally:
            shutil.rmtree(output, ignore_errors=True)
        return Heard(
            detections,
            model_version=self.model_version,
            extra={"hawkears_output": str(raw_dir), **self._settled()},
            stdout=ended.stdout or ended.stderr,
        )

    def close(self) -> None:  # noqa: B027 - the first generation has nothing to close
        """See :class:`badc.runners.protocol.OpenRunner`."""

    @property
    @abstractmethod
    def model_version(self) -> str:
        """What listens, for the chunk's JSON."""

    @abstractmethod
    def _run(self, chunk: Path, output: Path, timeout_s: float) -> Finished:
        """Let HawkEars listen to one chunk and say how that ended."""

    def _read(
        self, table: Path, chunk: Path, duration_s: float, ended: Finished
    ) -> tuple[Detection, ...]:
        if not table.is_file():
            if duration_s < v2.WINDOW_S and verdict.heard_nothing_long_enough(ended):
                return ()
            raise verdict.no_table(ended, chunk, self.labels_file)
        try:
            return self._parse(table, duration_s)
        except labels_csv.LabelsFormError as error:
            raise AttemptError(
                f"HawkEars on {chunk}: {error.message}", "", 0, ended.stderr
            ) from None

    @abstractmethod
    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]: ...

    def _settled(self) -> dict[str, Any]:
        return {}
