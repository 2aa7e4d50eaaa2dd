"""The HawkEars runner: which HawkEars listens, and what names what it hears."""

import contextlib
import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from badc.errors import AttemptError, UsageError
from badc.runners.fingerprint import fingerprint_of
from badc.runners.hawkears import v1, v2
from badc.runners.hawkears.installation import Installation, Missing
from badc.runners.hawkears.open_v1 import OpenV1
from badc.runners.hawkears.open_v2 import OpenV2
from badc.runners.hawkears.opened import OpenHawkears
from badc.runners.protocol import Desk
from badc.runners.resident import OPENING_S

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
    opening_limit_s = OPENING_S  # the first generation needs less: it copies links

    def check(self) -> None:
        """See :class:`badc.runners.protocol.Runner`."""
        found = self._found()
        if found.flavour == "2.x":
            v2.refuse_unknown_options(found, self.args)

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

    def __str__(self) -> str:
        """Return it with its arguments."""
        return shlex.join(["HawkEars", *self.args])

    def open(self, desk: Desk) -> OpenHawkears:
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
