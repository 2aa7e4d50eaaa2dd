"""The rules by which a study reads its paths and names: a small TOML file, or a preset.

::

    [places]
    patterns = ["{study_area}/{recorder}/{location}"]   # the first that fits is taken

    [time]
    timezone = "America/Yellowknife"   # the site's; -07:00 for a clock that was never moved
    bare_names = "UTC"                 # names that are only date and time: "UTC" or "site"
"""

import os
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from importlib import resources
from pathlib import Path
from typing import ClassVar

from badc.errors import UsageError
from badc.meta.guano import guano_start
from badc.meta.local_start import LocalStart, local_start
from badc.meta.place import FolderPattern, Place, read_pattern
from badc.meta.recorder_name import read_recorder_name
from badc.meta.zone import read_zone
from badc.toml_file import TomlFile

ZONE_VARIABLE = "BADC_TIMEZONE"
"""The environment variable that names a site's zone, where nothing nearer does."""

PRESETS = ("aru-data", "aru-type", "station")
"""Shipped folder trees: ``Study/ARU_data/SM/Station/A|B/Data``, ``Study/ARUType/Station`` and
``Study/Station``."""

_KNOWN: dict[str, dict[str, type]] = {
    "places": {"patterns": list},
    "time": {"timezone": str, "bare_names": str},
}


class RulesFile(TomlFile):
    """The TOML file of ``--places``, parsed."""

    kind: ClassVar[str] = "preset or file of rules for places"
    start: ClassVar[str] = f"Name a TOML file or one of {', '.join(PRESETS)}."
    example: ClassVar[str] = 'Write for example timezone = "-07:00" under [time].'


@dataclass(frozen=True, slots=True)
class Rules:
    """How paths and names are read.

    Attributes:
        patterns: folder patterns, tried in order; none: places stay unknown.
        site_zone: the site's time zone, or None where it is unknown.
        bare_zone: the zone of names that are only date and time; None: the site's.
    """

    patterns: tuple[FolderPattern, ...] = ()
    site_zone: tzinfo | None = None
    bare_zone: tzinfo | None = UTC

    def place(self, folders: tuple[str, ...]) -> Place:
        """Read the place from the folders above a recording, outermost first."""
        matches = (pattern.match(folders) for pattern in self.patterns)
        return next((place for place in matches if place is not None), Place())

    def start(self, *names: str, audio: Path | None = None) -> LocalStart | None:
        """Read the start of a recording.

        Args:
            names: file names or ids that may tell it; the first that does is taken.
            audio: the recording, where it may be at hand: what its GUANO says comes before
                any name.
        """
        named = None if audio is None else guano_start(audio)
        for name in names:
            named = named or read_recorder_name(name)
        return None if named is None else local_start(named, self.site_zone, self.bare_zone)


def load_rules(places: str | None, timezone: str | None = None) -> Rules:
    """Read the rules.

    Args:
        places: the name of a preset or the path of a TOML file; None for no folder patterns.
        timezone: the site's zone; overrides the file's. Where neither names one, the environment's
            ``BADC_TIMEZONE`` counts.

    Raises:
        UsageError: no such preset or file, or it does not say what it should.
    """
    rules = Rules() if places is None else _read(places)
    if timezone is not None:
        return replace(rules, site_zone=read_zone(timezone))
    return rules if rules.site_zone else replace(rules, site_zone=_zone_of_environment())


def _zone_of_environment() -> tzinfo | None:
    text = os.environ.get(ZONE_VARIABLE, "")
    try:
        return read_zone(text) if text.strip() else None
    except UsageError as error:
        raise UsageError(f"{ZONE_VARIABLE}: {error.message}", error.hint) from None


def _read(places: str) -> Rules:
    if places not in PRESETS:
        return _rules(RulesFile.read(Path(places)))
    with resources.as_file(resources.files("badc.meta") / "presets" / f"{places}.toml") as preset:
        return _rules(RulesFile.read(preset))


def _rules(file: RulesFile) -> Rules:
    _check_keys(file)
    time = file.tables.get("time", {})
    bare_names = time.get("bare_names", "UTC")
    if bare_names not in ("UTC", "site"):
        raise file.fault(
            f"bare_names is {bare_names!r}.", 'It may be "UTC" or "site".', "time", "bare_names"
        )
    return Rules(
        patterns=tuple(
            read_pattern(str(text), str(file.path))
            for text in file.tables.get("places", {}).get("patterns", [])
        ),
        site_zone=read_zone(time["timezone"]) if "timezone" in time else None,
        bare_zone=UTC if bare_names == "UTC" else None,
    )


def _check_keys(file: RulesFile) -> None:
    for table, content in file.tables.items():
        if table not in _KNOWN or not isinstance(content, dict):
            raise file.fault(f"[{table}] is unknown.", "There are [places] and [time].", table)
        for key, value in content.items():
            kind = _KNOWN[table].get(key)
            if kind is None:
                raise file.fault(
                    f"[{table}] has the unknown key {key!r}.",
                    f"It may have {', '.join(_KNOWN[table])}.",
                    table,
                    key,
                )
            if not isinstance(value, kind):
                wanted = "a list of texts" if kind is list else "a text"
                raise file.fault(f"[{table}] {key} is not {wanted}.", "Correct it.", table, key)
