"""Where and when each recording was made, as a table beside the chunks."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Self

from badc.aggregate.engine import Engine
from badc.meta import LocalStart, Place, Rules, load_rules
from badc.meta.local_start import offset_text
from badc.meta.recording_path import by_stem, find_recordings, recording_path

_NUMBER_ORIGINS = r"""
CREATE TABLE chunk_origin AS
WITH folder AS (
    SELECT n, recording_id, coalesce(dataset_root, '') AS root, coalesce(source_path, '') AS path,
        regexp_replace(coalesce(source_path, ''), '[^/]*$', '') AS folder
    FROM chunk
)
SELECT n, dense_rank() OVER (ORDER BY recording_id, root, folder) AS origin,
    recording_id, root, path
FROM folder
"""

_LIST_ORIGINS = """
SELECT origin, recording_id, root, min(path)
FROM chunk_origin GROUP BY ALL ORDER BY origin
"""

_ORIGIN_TABLE = """
CREATE TABLE origin AS
SELECT unnest($origins::BIGINT[]) AS origin, unnest($study_areas::VARCHAR[]) AS study_area,
    unnest($locations::VARCHAR[]) AS location, unnest($starts::VARCHAR[]) AS recording_date_time,
    unnest($walls_us::BIGINT[]) AS wall_us, unnest($zones::VARCHAR[]) AS zone,
    unnest($switches_us::BIGINT[]) AS switch_us, unnest($shifts_us::BIGINT[]) AS shift_us,
    unnest($zones_after::VARCHAR[]) AS zone_after
"""

_ORIGIN_COLUMNS = (
    "origins",
    "study_areas",
    "locations",
    "starts",
    "walls_us",
    "zones",
    "switches_us",
    "shifts_us",
    "zones_after",
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted without their zone
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Origins:
    """What decides where and when.

    Attributes:
        rules: how paths and names are read.
        recordings: stem -> path of recordings that are known from elsewhere.
    """

    rules: Rules = field(default_factory=Rules)
    recordings: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def read(
        cls, places: str | None = None, timezone: str | None = None, audio_dir: Path | None = None
    ) -> Self:
        """Read them from a preset's name or TOML file, a zone, and the folder of the recordings.

        Raises:
            UsageError: one of them is not what it should be.
        """
        known = {} if audio_dir is None else by_stem(find_recordings(audio_dir))
        return cls(load_rules(places, timezone), known)

    def of(
        self, recording_id: str, source_path: str, roots: Sequence[Path]
    ) -> tuple[Place, LocalStart | None]:
        """Return where and when a recording was made, as far as its path, name and GUANO say.

        ``source_path`` is a chunk of it, absolute or relative to one of ``roots`` (one at least).
        """
        path = recording_path(recording_id, source_path, roots, self.recordings)
        start = self.rules.start(
            recording_id,
            path.name if path else "",
            PurePosixPath(source_path).name,
            audio=None if path is None else Path(roots[0], path),
        )
        return self.rules.place(path.parent.parts if path else ()), start


def add_origins(engine: Engine, origins: Origins, manifest: Path | None) -> None:
    """Make the tables ``chunk_origin`` (chunk number -> origin) and ``origin``.

    Chunks of one recording in one folder have one origin. A recorder's clock is kept as its wall
    time, its offset from UTC and, where daylight saving begins or ends soon after the start, the
    moment and the offset from then on; so a detection's local time is a sum.

    A chunk's path may be relative to its dataset; outside any, to the manifest or the working
    directory.
    """
    engine.connection.execute(_NUMBER_ORIGINS)
    elsewhere = [Path(os.path.abspath(manifest)).parent] if manifest else []
    elsewhere.append(Path.cwd())
    rows = [
        _row(number, *origins.of(recording_id, path, [Path(root)] if root else elsewhere))
        for number, recording_id, root, path in engine.connection.execute(_LIST_ORIGINS).fetchall()
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(_ORIGIN_COLUMNS)
    engine.connection.execute(
        _ORIGIN_TABLE,
        {name: list(column) for name, column in zip(_ORIGIN_COLUMNS, columns, strict=True)},
    )


def _row(number: int, place: Place, start: LocalStart | None) -> tuple[object, ...]:
    if start is None:
        return (number, place.study_area, place.location, *[None] * 6)
    shift = None
    if start.offset is not None and start.offset_after is not None:
        shift = (start.offset_after - start.offset) // _MICROSECOND
    return (
        number,
        place.study_area,
        place.location,
        start.isoformat(),
        (start.wall - _EPOCH) // _MICROSECOND,
        offset_text(start.offset),
        None if start.switch_after is None else start.switch_after // _MICROSECOND,
        shift,
        offset_text(start.offset_after),
    )
