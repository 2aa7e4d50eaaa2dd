import subprocess
import sys

import pytest

HEAVY = {"prefect", "dask", "distributed", "duckdb", "pandas"}


@pytest.mark.parametrize(
    "words",
    [["--help"], ["version"], ["gpus"], ["infer", "run", "--help"], ["data", "--help"]],
    ids=" ".join,
)
def test_what_only_talks_imports_nothing_heavy(offline_badc, words):
    lines = (
        "import atexit, sys\n"
        "from badc.cli.app import main\n"
        f"atexit.register(lambda: print('LOADED', *({HEAVY!r} & sys.modules.keys())))\n"
        f"sys.argv = ['badc', *{words!r}]\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lines],
        env=offline_badc.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "LOADED"
    assert len(ended.stdout.splitlines()) > 1
