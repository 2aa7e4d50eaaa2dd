"""What to aggregate, and where to."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from badc.aggregate.effort import effort_path
from badc.aggregate.engine import DEFAULT_MEMORY_MIB
from badc.aggregate.origin import Origins
from badc.errors import UsageError
from badc.meta import Rules

DEFAULT_OUTPUT = Path("artifacts/aggregate/summary.csv")


def recipe_of(rules: Rules, *, dedupe: bool) -> str:
    """Return what decides, beside the results, what a table says: merging, places and zones."""
    return json.dumps(
        {
            "dedupe": dedupe,
            "places": [pattern.text for pattern in rules.patterns],
            "zones": [rules.site_zone and str(rules.site_zone), str(rules.bare_zone)],
        }
    )


@dataclass(frozen=True, slots=True)
class Request:
    """One aggregation.

    Attributes:
        detections_dir: results tree.
        csv: the canonical table; its effort and its rejected files stand beside it.
        parquet, database: the same table in other forms, where wanted.
        manifest: fills what payloads leave out.
        origins: how where and when are told.
        dedupe: whether one call heard in two overlapping chunks becomes one row.
        memory_mib: bound on DuckDB's memory.
    """

    detections_dir: Path
    csv: Path = DEFAULT_OUTPUT
    parquet: Path | None = None
    database: Path | None = None
    manifest: Path | None = None
    origins: Origins = field(default_factory=Origins)
    dedupe: bool = False
    memory_mib: int = DEFAULT_MEMORY_MIB

    @property
    def rejected_csv(self) -> Path:
        """Where the files that had to be left out are listed."""
        return self.csv.with_name(f"{self.csv.name}.rejected.csv")

    @property
    def tables(self) -> tuple[Path, ...]:
        """The canonical table in each form that is wanted."""
        return tuple(path for path in (self.csv, self.parquet, self.database) if path is not None)

    @property
    def efforts(self) -> tuple[Path, ...]:
        """The efforts beside the CSV and the Parquet file; a database has its own inside."""
        beside = [effort_path(path) for path in (self.csv, self.parquet) if path is not None]
        return tuple(dict.fromkeys(beside))

    def check(self) -> None:
        """Refuse what cannot be carried out, before anything is read or written.

        Raises:
            UsageError: the results tree or the manifest is not there, two outputs are one file,
                or an output would replace what is read.
        """
        if not self.detections_dir.is_dir():
            wrong = "is not a folder" if self.detections_dir.exists() else "no such folder"
            raise UsageError(
                f"{self.detections_dir}: {wrong}.",
                "Name the folder that 'badc infer run' wrote to.",
            )
        if self.manifest is not None and not self.manifest.is_file():
            raise UsageError(
                f"{self.manifest}: no such manifest.", "Name the one that the chunks came from."
            )
        self._check_outputs()

    def _check_outputs(self) -> None:
        outputs = [*self.tables, *self.efforts, self.rejected_csv]
        places = [os.path.realpath(path) for path in outputs]
        for number, place in enumerate(places):
            if place in places[:number]:
                raise UsageError(
                    f"{outputs[number]}: two of the tables would be one file.",
                    "Give each its own name.",
                )
        results = os.path.join(os.path.realpath(self.detections_dir), "")  # noqa: PTH118
        for path, place in zip(outputs, places, strict=True):
            is_manifest = self.manifest is not None and place == os.path.realpath(self.manifest)
            may_be_result = place.lower().endswith(".json") and place.startswith(results)
            if is_manifest or may_be_result:
                raise UsageError(
                    f"{path}: this output would replace what is read.", "Give it another name."
                )
