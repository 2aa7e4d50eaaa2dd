"""HawkEars 2.x: the package's command ``hawkears analyze``, kept open by our listener.

On a GPU it takes other models, another ensemble and another channel of a stereo recording than on
a CPU, unless told. So that a chunk is heard alike wherever it runs, every device gets what
HawkEars takes on a CPU, except what the user's own arguments decide.
"""

import functools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError
from badc.process import ProcessDoor
from badc.runners.hawkears.installation import Installation, model_files
from badc.tail import last_line

LABELS_FILE = "scores.csv"
WINDOW_S = 3.0  # what its models listen to at a time
LISTENER = Path(__file__).with_name("listener_v2.py")

_PARSE_LIMIT_S = 120
_REFUSED = 2
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
    found: Installation, scratch: Path, options: Sequence[str], args: Sequence[str]
) -> list[str]:
    """Return the listener's command line; the user's arguments come last, so that they win."""
    return [found.python, str(LISTENER), str(scratch), "--rtype", "csv", *options, *args]


def environment(found: Installation) -> dict[str, str]:
    """Return what tells HawkEars where its data are; its working directory must be the root too."""
    return {"HAWKEARS_DATA_DIR": str(found.root)}


@functools.cache
def refuse_unknown_options(found: Installation, args: tuple[str, ...]) -> None:
    """Let HawkEars itself say, once, whether it can take these arguments.

    Raises:
        UsageError: it does not know an option, or cannot use its value.
    """
    if not args:
        return
    answer = ProcessDoor().run(
        [found.python, str(LISTENER), "--parse", *args],
        cwd=found.root,
        env={**os.environ, **environment(found)},
        timeout_s=_PARSE_LIMIT_S,
    )
    if answer.returncode == _REFUSED:  # whatever else may be wrong shows when it is opened
        raise UsageError(
            f"--hawkears-arg: HawkEars {found.version} says: {last_line(answer.stderr)}",
            "See 'hawkears analyze --help'.",
        )


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
