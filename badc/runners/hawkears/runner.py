"""The HawkEars runner: one HawkEars process per chunk, in every slot alike."""

import contextlib
import hashlib
import shutil
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc.detections import Detection, Heard
from badc.errors import AttemptError, UsageError
from badc.manifest import Chunk
from badc.process import Finished, ProgramMissingError
from badc.runners.environment import slot_environment
from badc.runners.fingerprint import fingerprint_of
from badc.runners.hawkears import labels_csv, raw_output, v1, v2, verdict
from badc.runners.hawkears.installation import Installation, Missing
from badc.runners.hawkears.species import SpeciesList
from badc.runners.protocol import Desk

_LARGEST_SETTINGS_BYTES = 4 << 20


@dataclass(frozen=True)
class HawkearsRunner:
    """HawkEars with the user's arguments.

    Attributes:
        args: passed on to HawkEars as they are, after BADC's own.
        hawkears: the installation that was chosen, or what is missing.
    """

    args: tuple[str, ...]
    hawkears: Installation | Missing
    kind = "hawkears"

    def check(self) -> None:
        """See :class:`badc.runners.protocol.Runner`."""
        self._found()

    def fingerprint(self) -> str:
        """See :class:`badc.runners.protocol.Runner`."""
        found = self._found()
        generation = v1 if found.flavour == "1.x" else v2
        pins = "" if found.flavour == "1.x" else str(v2.pins_for(self.args, found.root))
        return fingerprint_of(
            self.kind,
            version=found.version,
            flavour=found.flavour,
            args=list(self.args),
            pins=pins,
            checkpoints=generation.checkpoints(found.root),
            settings=_settings_digest(found.root, self.args),
        )

    def open(self, desk: Desk) -> "OpenHawkears":
        """See :class:`badc.runners.protocol.Runner`."""
        found = self._found()
        try:
            return (OpenV1 if found.flavour == "1.x" else OpenV2)(found, self.args, desk)
        except OSError as error:
            raise AttemptError(
                f"HawkEars cannot be set up in {desk.scratch} from {found.root} ({error}).",
                "Check free space and permissions.",
            ) from None

    def _found(self) -> Installation:
        if isinstance(self.hawkears, Missing):
            raise UsageError(self.hawkears.message, self.hawkears.hint)
        return self.hawkears


class OpenHawkears(ABC):
    """HawkEars at work in one slot; the generations differ in a few places."""

    labels_file = ""

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        self._found = found
        self._args = args
        self._desk = desk
        self._environment = slot_environment(desk) | {
            "PYTHONIOENCODING": "utf-8:backslashreplace",  # a file name must not end it
            "PYTHONUNBUFFERED": "1",  # a killed one has said all it said
        }

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
            stdout=ended.stdout,
        )

    def close(self) -> None:  # noqa: B027 - both generations have nothing to close
        """Hold nothing between chunks; a process under way ends with the desk's door."""

    @property
    @abstractmethod
    def model_version(self) -> str:
        """What listens, for the chunk's JSON."""

    def _run(self, chunk: Path, output: Path, timeout_s: float) -> Finished:
        try:
            return self._desk.door.run(
                self._command(chunk, output),
                cwd=self._working_directory(),
                env=self._environment,
                timeout_s=timeout_s,
            )
        except ProgramMissingError as error:
            raise AttemptError(
                f"HawkEars could not be started in {self._working_directory()}: {error.message}",
                f"Is that folder still there, and {self._found.python}?",
            ) from None

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
    def _command(self, chunk: Path, output: Path) -> list[str]: ...

    @abstractmethod
    def _working_directory(self) -> Path: ...

    @abstractmethod
    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]: ...

    def _settled(self) -> dict[str, Any]:
        return {}


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

    def _command(self, chunk: Path, output: Path) -> list[str]:
        return v1.command(self._found, self._root, chunk, output, self._args)

    def _working_directory(self) -> Path:
        return self._root

    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]:
        return labels_csv.read_v1(table, duration_s)


class OpenV2(OpenHawkears):
    """HawkEars 2.x at work, its settings the same on every device."""

    labels_file = v2.LABELS_FILE

    def __init__(self, found: Installation, args: tuple[str, ...], desk: Desk) -> None:
        super().__init__(found, args, desk)
        self._pins = v2.pins_for(args, found.root)
        self._species = SpeciesList(found.root)
        self._options = list(self._pins.options)
        if self._pins.settings:
            folder = Path(tempfile.mkdtemp(prefix="hawkears-", dir=desk.scratch))
            settings = folder / "same-on-every-device.yaml"
            settings.write_text(self._pins.settings, encoding="utf-8")
            self._options += ["--cfg", str(settings)]
        self._environment["HAWKEARS_DATA_DIR"] = str(found.root)

    @property
    def model_version(self) -> str:
        """Version of the package and its ensemble."""
        return v2.model_version(self._found, self._args, self._pins)

    def _command(self, chunk: Path, output: Path) -> list[str]:
        return v2.command(self._found, chunk, output, self._options, self._args)

    def _working_directory(self) -> Path:
        return self._found.root

    def _parse(self, table: Path, duration_s: float) -> tuple[Detection, ...]:
        return labels_csv.read_v2(table, duration_s, self._species.find)

    def _settled(self) -> dict[str, Any]:
        return {"hawkears_pinned": str(self._pins)}


def _settings_digest(root: Path, args: tuple[str, ...]) -> list[str]:
    """Return name and digest of the small files that decide what is heard.

    These are the root's settings and lists, and any file that the user's arguments name.
    """
    named = [word.rpartition("=")[2] for word in args]
    ours = [path.relative_to(root) for pattern in _SETTINGS for path in root.glob(pattern)]
    digests = []
    for name in sorted({*map(str, ours), *filter(None, named)}):
        path = root / name
        with contextlib.suppress(OSError):
            if path.is_file() and path.stat().st_size <= _LARGEST_SETTINGS_BYTES:
                digests.append(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return digests


_SETTINGS = ("yaml/*.yaml", "data/*.csv", "data/*.txt", "core/*config*.py", "analyze.py")
