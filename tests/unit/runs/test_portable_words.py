"""Words that mean the same in another folder."""

from pathlib import Path

import pytest

from badc.runs import InferRequest
from badc.runs.portable_words import from_anywhere, hawkears_settings


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder one types in, with files, and a dataset in it."""
    for name in ("run.py", "bin/listen", "ds/code/run.py", "ds/run", "it's.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("python run.py -x", "python {here}/run.py -x"),
        ("bin/listen", "{here}/bin/listen"),
        ("./run.py", "{here}/run.py"),
        ("run.py", "run.py"),  # a program without a slash is looked for on PATH
        ("python --script=run.py  none.py", "python --script={here}/run.py none.py"),
        ("python ds/code/run.py", "python code/run.py"),
        ("ds/run ds", "./run ds"),
        ("python   /nowhere.py", "python   /nowhere.py"),
        ("python 'it'\"'\"'s.py'", "python '{here}/it'\"'\"'s.py'"),
        ("python 'run.py", "python 'run.py"),
    ],
)
def test_files_are_named_so_that_they_are_found_in_the_dataset_too(here, typed, meant):
    assert from_anywhere(typed, here / "ds") == meant.format(here=here)


def test_without_a_place_to_run_in_files_are_named_in_full(here):
    assert from_anywhere("python ds/code/run.py") == f"python {here}/ds/code/run.py"
    assert from_anywhere(None) is None


def test_the_hawkears_that_is_found_from_here_is_told_where_another_folder_would_not_find_it(
    here, monkeypatch
):
    for name in ("BADC_HAWKEARS_ROOT", "BADC_HAWKEARS_PYTHON", "HAWKEARS_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    request = InferRequest(manifest=Path("m.csv"), runner="hawkears")

    def told(root: Path) -> list[str]:
        return hawkears_settings(request, root)

    assert told(here / "ds") == []  # what is found, if anything, is found from everywhere
    (here / "vendor" / "HawkEars").mkdir(parents=True)
    (here / "vendor" / "HawkEars" / "analyze.py").touch()
    assert told(here / "ds") == ["env", f"BADC_HAWKEARS_ROOT={here}/vendor/HawkEars"]
    assert told(here) == []
    (here / "ds" / "own").mkdir()
    (here / "ds" / "own" / "analyze.py").touch()
    monkeypatch.setenv("BADC_HAWKEARS_ROOT", "ds/own")
    assert told(here / "ds") == ["env", "BADC_HAWKEARS_ROOT=./own"]
    stub = InferRequest(manifest=Path("m.csv"))
    assert hawkears_settings(stub, here / "ds") == []
