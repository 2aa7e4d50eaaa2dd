"""What a run is called: by its recording and the dataset it belongs to."""

from pathlib import Path


def run_title(manifest: Path, dataset: Path | None) -> str:
    """Return ``REC of my-dataset``, or ``REC`` outside any dataset."""
    return f"{manifest.stem} of {dataset.name}" if dataset and dataset.name else manifest.stem


def history_name(manifest: Path, dataset: Path | None) -> str:
    """Return what the runs of many nights have in common: the dataset's name, else the recording's.

    Names of artifacts end in it, so that their histories do not mix.
    """
    return dataset.name if dataset and dataset.name else manifest.stem
