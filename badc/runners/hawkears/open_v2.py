"""HawkEars 2.x at work: one process per slot, which hears many chunks."""

import tempfile
import time
from pathlib import Path
from typing import Any

from badc.detections import Detection, Heard
from badc.errors import AttemptError, ChunkUnreadableError
from badc.manifest import Chunk
from badc.process import Finished
from badc.runners.hawkears import labels_csv, v2
from badc.runners.hawkears.installation import Installation
from badc.runners.hawkears.opened import OpenHawkears
from badc.runners.hawkears.species import SpeciesList
from badc.runners.protocol import Desk
from badc.runners.reading_ahead import ReadingAhead
from badc.runners.resident import Resident


class OpenV2(OpenHawkears):
    """HawkEars 2.x at work, its settings the same on every device."""

    labels_file = v2.LABELS_FILE

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        super().__init__(found, args, desk)
        self._pins = v2.pins_for(args, found.root)
        self._species = SpeciesList(found.root)
        folder = Path(tempfile.mkdtemp(prefix="hawkears-", dir=desk.scratch))
        options = list(self._pins.options)
        if self._pins.settings:
            settings = folder / "same-on-every-device.yaml"
            settings.write_text(self._pins.settings, encoding="utf-8")
            options += ["--cfg", str(settings)]
        self._resident = Resident(
            desk,
            "HawkEars",
            v2.command(found, folder, options, args),
            environment=self._environment | v2.environment(found),
            cwd=found.root,
        )
        self._resident.open()
        self._reading = ReadingAhead()

    @property
    def model_version(self) -> str:
        """Version of the package and its ensemble."""
        return v2.model_version(self._found, self._args, self._pins)

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """See :class:`badc.runners.protocol.OpenRunner`.

        While it listens, the system reads the chunk expected next. After a failure that is not the
        chunk's own, HawkEars is started anew: what it kept may be what is wrong, or fill a GPU's
        memory.
        """
        self._reading.begin(self._expected.after(chunk))
        try:
            return super().hear(chunk, raw_dir, timeout_s)
        except ChunkUnreadableError:
            raise
        except AttemptError:
            self._resident.drop()
            raise

    def close(self) -> None:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        self._resident.close()

    def _run(self, chunk: Path, output: Path, timeout_s: float) -> Finished:
        began = time.monotonic()
        self._resident.ask({"audio": str(chunk), "output": str(output)}, timeout_s)
        # a question that was answered is a command that ended well, as far as it knows
        return Finished(0, "", self._resident.said, time.monotonic() - began, timed_out=False)

    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]:
        return labels_csv.read_v2(table, duration_s, self._species.find)

    def _settled(self) -> dict[str, Any]:
        return {"hawkears_pinned": str(self._pins)}
