"""HawkEars 2.x: ``hawkears analyze`` of the package, run once per chunk.

On a GPU it takes other models, another ensemble and another channel of a stereo recording than on
a CPU, unless told. So that a chunk is heard alike wherever it runs, every device gets what
HawkEars takes on a CPU, except what the user's own arguments decide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.runners.hawkears.installation import Installation, model_files

LABELS_FILE = "scores.csv"
WINDOW_S = 3.0  # what its models listen to at a time
LAUNCHER = Path(__file__).with_name("launch_v2.py")

_CHANNEL_PIN = "audio:\n  choose_channel: false\n"
_COMMENT = re.compile(r"#.*")


@dataclass(frozen=True)
class Pins:
    """What BADC settles because HawkEars would decide it by the device.

    Attributes:
        options: added to the command line before the user's own.
        settings: a configuration file's text, or empty; the user may name a file of their own
            (``--cfg``) instead, and HawkEars takes only one.
    """

    options: tuple[str, ...]
    settings: str

    def __str__(self) -> str:
        """Return the pins as HawkEars writes them."""
        channel = ("choose_channel=false",) if self.settings else ()
        return " ".join((*self.options, *channel))


def pins_for(args: Sequence[str], root: Path) -> Pins:
    """Return what is left to settle beside the user's arguments and configuration file."""
    own_file = _value_of(args, "-c", "--cfg")
    decided = "" if own_file is None else _settings_in(root / own_file)
    options: list[str] = []
    if not _has(args, "--models") and not _mentions(decided, "max_models"):
        options += ["--models", "3"]
    if not _has(args, "--low-band", "--no-low-band") and not _mentions(
        decided, "low_band_classifier"
    ):
        options += ["--no-low-band"]
    return Pins(tuple(options), _CHANNEL_PIN if own_file is None else "")


def model_version(found: Installation, args: Sequence[str], pins: Pins) -> str:
    """Return version and ensemble: ``HawkEars 2.3.0 (--models 3 --no-low-band …)``."""
    chosen = list(pins.options)
    models = _value_of(args, "--models")
    if models is not None:
        chosen += ["--models", models]
    chosen += [word for word in args if word in ("--low-band", "--no-low-band")]
    ensemble = f" ({' '.join(chosen)})" if chosen else ""
    return f"HawkEars {found.version}{ensemble}"


def checkpoints(root: Path) -> list[list[str]]:
    """Return name and mark of every model file, sorted."""
    return model_files(root, ("data/ckpt", "data/ckpt-low-band"))


def command(
    found: Installation,
    chunk: Path,
    output: Path,
    options: Sequence[str],
    args: tuple[str, ...],
) -> list[str]:
    """Return the command line; the user's arguments come last, so that they win."""
    ours = ["-i", str(chunk), "-o", str(output), "--rtype", "csv", *options]
    return [found.python, str(LAUNCHER), "analyze", *ours, *args]


def _has(args: Sequence[str], *names: str) -> bool:
    return any(word.partition("=")[0] in names for word in args)


def _value_of(args: Sequence[str], *names: str) -> str | None:
    """Return the last value given to an option, as ``--name value`` or ``--name=value``."""
    value = None
    for place, word in enumerate(args):
        name, equals, rest = word.partition("=")
        if name in names:
            value = rest if equals else next(iter(args[place + 1 : place + 2]), None)
    return value


def _settings_in(path: Path) -> str:
    """Return a configuration file's text; what is wrong with it is HawkEars' to say."""
    try:
        return _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""


def _mentions(settings: str, name: str) -> bool:
    return re.search(rf"\b{name}\b[\"']?\s*:", settings) is not None
