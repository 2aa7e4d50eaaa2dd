"""How a dataset's tables are made, whichever command, flow or script makes them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from badc.errors import UsageError
from badc.home import from_home
from badc.meta import PRESETS, Rules, load_rules

if TYPE_CHECKING:
    from badc.aggregate import Origins

_AUDIO = "audio"


class TableSettings(BaseModel):
    """Where and when recordings were made, and what becomes of calls heard twice.

    Relative paths mean: relative to the dataset. Of several detectors, tables are made and warned
    of: what was heard is heard, so that is no reason to fail a run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    places: str | None = Field(
        None,
        min_length=1,
        description="How folders tell study area and location: aru-data, aru-type, station, or a"
        " TOML file; empty for neither.",
    )
    timezone: str | None = Field(
        None,
        min_length=1,
        description="The site's time zone, such as America/Yellowknife or -07:00; empty for that"
        " of the places' file, else of BADC_TIMEZONE.",
    )
    audio_dir: Path | None = Field(
        None, description="Where the recordings lie; empty for the dataset's audio/."
    )
    keep_doubles: bool = Field(
        False, description="Leave a call that was heard in two overlapping chunks as two rows."
    )

    def check(self, dataset: Path) -> None:
        """Refuse what no table could be made with, before anything is cut or heard.

        Raises:
            UsageError: no such places, zone or folder.
        """
        self.rules(dataset)
        folder = self._audio_dir(dataset)
        if folder is not None and not folder.is_dir():
            raise UsageError(f"{folder}: is no folder.", "Name the folder of the recordings.")

    def rules(self, dataset: Path) -> Rules:
        """Return how paths and names are read.

        Raises:
            UsageError: no such places or zone.
        """
        return load_rules(self._places(dataset), self.timezone)

    def origins(self, dataset: Path) -> "Origins":
        """Return how where and when are told; the recordings' folder is looked through once.

        Raises:
            UsageError: as :meth:`check`.
        """
        from badc.aggregate import Origins  # noqa: PLC0415 - brings DuckDB

        return Origins.read(self._places(dataset), self.timezone, self._audio_dir(dataset))

    @property
    def dedupe(self) -> bool:
        """Whether one call heard in two overlapping chunks becomes one row."""
        return not self.keep_doubles

    def arguments(self, dataset: Path) -> dict[str, Any]:
        """Return the same as arguments of the ``aggregate`` flow."""
        return {
            "places": self._places(dataset),
            "timezone": self.timezone,
            "audio_dir": self._audio_dir(dataset),
            "dedupe": self.dedupe,
            "allow_mixed": True,
        }

    def words(self, dataset: Path) -> list[str]:
        """Return the same as options of ``badc infer aggregate``, typed in the dataset's folder.

        The zone is always among them where it is known here: another machine's environment may
        name another.

        Raises:
            UsageError: as :meth:`check`.
        """
        self.check(dataset)
        places, folder = self._places(dataset), self._audio_dir(dataset)
        if folder is not None and folder.is_relative_to(dataset):
            folder = folder.relative_to(dataset)
        named = {
            "--places": places,
            "--timezone": self.rules(dataset).site_zone,
            "--audio-dir": folder,
        }
        words = [f"{name}={value}" for name, value in named.items() if value is not None]
        return [*words, *(["--dedupe"] if self.dedupe else []), "--allow-mixed"]

    def _places(self, dataset: Path) -> str | None:
        """Return a preset's name, or the absolute path of a file."""
        if self.places is None or self.places in PRESETS:
            return self.places
        return str(_below(dataset, self.places, "--places"))

    def _audio_dir(self, dataset: Path) -> Path | None:
        """Return the recordings' folder, absolute; None where it is not told and not there."""
        if self.audio_dir is not None:
            return _below(dataset, self.audio_dir, "--audio-dir")
        folder = _below(dataset, _AUDIO, "The dataset")
        return folder if folder.is_dir() else None


def _below(dataset: Path, path: str | Path, origin: str) -> Path:
    """Return a path, relative ones from the dataset's folder, as an absolute one."""
    return Path(os.path.abspath(from_home(dataset, "The dataset") / from_home(path, origin)))
