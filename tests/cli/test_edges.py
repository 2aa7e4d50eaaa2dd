"""The edges of every command: what it imports, a server that is away."""

import subprocess
import sys

import pytest


def test_a_server_that_does_not_answer_is_named(offline_badc, manifest):
    ended = offline_badc("infer", "run", manifest(1))
    assert ended.code == 2
    assert ended.err.startswith("Error: PREFECT_API_URL: no Prefect server answers at http://127.0")
    assert ended.err.count("\n") == 1
    assert not (offline_badc.folder / "artifacts").exists()


@pytest.mark.parametrize("words", [["--help"], ["version"], ["infer", "run", "--help"]])
def test_light_commands_import_nothing_heavy(offline_badc, words):
    lines = (
        "import sys; from badc.cli.app import main; sys.argv = ['badc', *sys.argv[1:]]\n"
        "try: main()\n"
        "finally: print('\\nloaded', *sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lines, *words],
        env=offline_badc.environment,
        cwd=offline_badc.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ended.stdout.splitlines()[-1].split())
    assert not loaded & {"prefect", "prefect_dask", "dask", "distributed", "duckdb", "pandas"}
