"""Who listened: each detector with its settings, and where results of several are mixed.

A detector is a runner's kind, its model version and its fingerprint. Chunks in which nothing was
heard count like all others: they are effort, and a stub's silence is none. Results that record no
fingerprint (older ones) are one detector of their kind and model; those that name no model version
are taken for the one that others of the same kind and fingerprint name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

STUB = "stub"
_NAMED = 3
_NAMED_DETECTORS = 5

DETECTORS_FORM = (
    '[{"runner":"VARCHAR","model_version":"VARCHAR","runner_fingerprint":"VARCHAR",'
    '"chunks":"BIGINT"}]'
)
"""What :data:`badc.aggregate.EFFORT_COLUMNS` holds in ``detectors``, as DuckDB reads it."""

HEARD_BY = """
SELECT recording_id, runner, model_version, runner_fingerprint, status, count(*) AS chunks
FROM chunk GROUP BY ALL
"""

_DETECTOR = """
CREATE OR REPLACE TEMP TABLE detector AS
WITH named AS (
    SELECT recording_id, chunks, nullif(model_version, '') AS model_version,
        coalesce(nullif(runner, ''), CASE status WHEN 'stub' THEN 'stub' END, 'unknown') AS runner,
        nullif(runner_fingerprint, '') AS runner_fingerprint
    FROM ({heard_by})
), filled AS (
    SELECT recording_id, chunks, runner, runner_fingerprint, coalesce(model_version,
        max(model_version) OVER (PARTITION BY runner, runner_fingerprint)) AS model_version
    FROM named
)
SELECT recording_id, runner, model_version, runner_fingerprint,
    coalesce(sum(chunks), 0)::BIGINT AS chunks
FROM filled GROUP BY ALL
"""

_FOUND = f"""
SELECT runner, model_version, runner_fingerprint, sum(chunks)::BIGINT AS chunks, count(*),
    list_slice(list_sort(list(recording_id)), 1, {_NAMED})
FROM detector GROUP BY ALL ORDER BY chunks DESC, runner, model_version, runner_fingerprint
"""  # noqa: S608 - made of a number

_MIXED = f"""
SELECT count(*), coalesce(list_slice(list_sort(list(recording_id)), 1, {_NAMED}), [])
FROM (SELECT recording_id FROM detector GROUP BY recording_id HAVING count(*) > 1)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Detector:
    """A runner with a model and settings, and how much it heard.

    Attributes:
        runner: its kind; ``unknown`` where results do not say.
        model_version, runner_fingerprint: or None where results do not say.
        chunks, recordings: how many it heard.
        first_recordings: ids of the first few.
    """

    runner: str
    model_version: str | None
    runner_fingerprint: str | None
    chunks: int
    recordings: int
    first_recordings: Sequence[str]

    def __str__(self) -> str:
        settings = self.runner_fingerprint or "settings not recorded"
        return " ".join(filter(None, (self.runner, self.model_version, f"[{settings}]")))

    @property
    def share(self) -> str:
        """Say how much it heard."""
        chunks = "1 chunk" if self.chunks == 1 else f"{self.chunks:,} chunks"
        return f"{chunks} of {_recordings(self.recordings, self.first_recordings)}"


@dataclass(frozen=True, slots=True)
class Detectors:
    """All detectors that results come from.

    Attributes:
        found: each of them, the one that heard most chunks first.
        mixed_recordings: how many recordings several of them heard.
        first_mixed: ids of the first few.
    """

    found: tuple[Detector, ...]
    mixed_recordings: int
    first_mixed: Sequence[str]

    @property
    def are_mixed(self) -> bool:
        """Whether there are several."""
        return len(self.found) > 1

    @property
    def are_stub_alone(self) -> bool:
        """Whether nothing was listened to."""
        return bool(self.found) and all(each.runner == STUB for each in self.found)

    def __str__(self) -> str:
        """Name the detectors, and the recordings that several of them heard."""
        named = "; ".join(f"{each} ({each.share})" for each in self.found[:_NAMED_DETECTORS])
        more = len(self.found) - _NAMED_DETECTORS
        rest = f"; and {more} more" if more > 0 else ""
        told = f"results of {len(self.found)} detectors or settings: {named}{rest}"
        if not self.mixed_recordings:
            return told
        mixed = _recordings(self.mixed_recordings, self.first_mixed)
        return f"{told}; more than one of them in {mixed}"


def count_detectors(connection: duckdb.DuckDBPyConnection, heard_by: str = HEARD_BY) -> Detectors:
    """Make the table ``detector``, one row for each recording and detector; return what is in it.

    ``heard_by`` is a query for recording_id, runner, model_version, runner_fingerprint, status and
    chunks. Several rows may speak of one detector.
    """
    run = connection.execute
    run(_DETECTOR.format(heard_by=heard_by))
    found = tuple(Detector(*row) for row in run(_FOUND).fetchall())
    return Detectors(found, *run(_MIXED).fetchall()[0])


def _recordings(count: int, first: Sequence[str]) -> str:
    number = "1 recording" if count == 1 else f"{count:,} recordings"
    return f"{number}, {', '.join(first)}{', …' if count > len(first) else ''}"
