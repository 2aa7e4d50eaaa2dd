"""HawkEars 1.x at work: one process per chunk.

Its script loads its models each time and knows no other way; a folder of chunks could be given to
one start, but then one chunk's fault or slowness would be every chunk's.
"""

import tempfile
from pathlib import Path

from badc.detections import Detection
from badc.errors import AttemptError
from badc.process import Finished, ProgramMissingError
from badc.runners.hawkears import labels_csv, v1
from badc.runners.hawkears.installation import Installation
from badc.runners.hawkears.opened import OpenHawkears
from badc.runners.protocol import Desk


class OpenV1(OpenHawkears):
    """HawkEars 1.x at work, in a root of links of its own."""

    labels_file = v1.LABELS_FILE

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        super().__init__(found, args, desk)
        folder = Path(tempfile.mkdtemp(prefix="hawkears-", dir=desk.scratch))
        self._root = v1.mirror(found.root, folder / "root")

    @property
    def model_version(self) -> str:
        """Version of the script, or its checkpoints."""
        return v1.model_version(self._found)

    def _run(self, chunk: Path, output: Path, timeout_s: float) -> Finished:
        try:
            return self._desk.door.run(
                v1.command(self._found, self._root, chunk, output, self._args),
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
