"""The edges of every command: what it imports, a server that is away, a signal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
import soundfile


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


def test_a_cut_ended_by_sigterm_says_so_and_leaves_no_chunk_half_done(
    offline_badc, await_that: Callable[..., None]
):
    long = offline_badc.folder / "long.flac"
    soundfile.write(long, np.random.default_rng(1).normal(0, 0.1, 48_000 * 600), 48_000)
    cutting = offline_badc.start("chunk", "run", "long.flac", "--chunk-duration", "1")
    await_that(lambda: any(offline_badc.folder.rglob("*_chunk_*.wav")))
    os.kill(cutting.pid, signal.SIGTERM)
    out, err = cutting.communicate(timeout=30)
    assert cutting.returncode == 143, out + err
    assert "Traceback" not in err
    (status,) = offline_badc.folder.rglob(".chunk_status.json")
    assert '"failed"' in status.read_text()


@pytest.fixture
def await_that() -> Callable[..., None]:
    """Waits until a condition holds."""

    def wait(condition: Callable[[], bool], limit_s: float = 60) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait
