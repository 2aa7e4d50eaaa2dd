import subprocess
import sys

import pytest

from tests.heard_results import HeardResults

HEAVY = {"prefect", "dask", "distributed", "duckdb", "pandas"}


@pytest.mark.parametrize(
    "words",
    [["--help"], ["version"], ["gpus"], ["infer", "run", "--help"], ["data", "--help"]],
    ids=" ".join,
)
def test_what_only_talks_imports_nothing_heavy(offline_badc, words):
    assert loaded_by(offline_badc, words) == set()


def test_what_only_verifies_imports_nothing_heavy(offline_badc, tmp_path):
    heard = HeardResults.make(tmp_path)
    words = ["infer", "verify", str(heard.out), "--manifest", str(heard.manifest)]
    assert loaded_by(offline_badc, words) == set()


def loaded_by(badc, words):
    """Return the heavy packages that a command has imported by its end, which must be good."""
    lines = (
        "import atexit, sys\n"
        "from badc.cli.app import main\n"
        f"atexit.register(lambda: print('LOADED', *({HEAVY!r} & sys.modules.keys())))\n"
        f"sys.argv = ['badc', *{words!r}]\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lines],
        env=badc.environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    *said, last = ended.stdout.splitlines()
    assert said
    assert last.split()[0] == "LOADED"
    return set(last.split()[1:])
