"""What cannot be carried out is refused in one line, before anything is written."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

_ROWS = "recording_id,chunk_id,source_path\n"


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def refused(badc, *words: object, code: int = 2, **environment: str) -> str:
    """Run a command that must be refused; return its one line of error."""
    before = _tree(badc.folder)
    ended = badc(*words, **environment)
    assert ended.code == code, ended.all
    assert "Traceback" not in ended.all
    errors = [line for line in ended.err.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1, ended.all
    assert _tree(badc.folder) == before
    return errors[0]


MANIFESTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bad.csv:1: lacks the columns"),
    "header only": (_ROWS.encode(), "bad.csv"),
    "missing column": (b"chunk_id,source_path\na,chunks/c000.wav\n", "bad.csv:1: .*recording_id"),
    "duplicate": (
        (_ROWS + "R,a,chunks/c000.wav\nR,a,chunks/c000.wav\n").encode(),
        "bad.csv:3: .*line 2",
    ),
    "empty id": ((_ROWS + "R,,chunks/c000.wav\n").encode(), "bad.csv:2: chunk_id '' is empty"),
    "escaping chunk": ((_ROWS + "R,../a,chunks/c000.wav\n").encode(), "bad.csv:2: chunk_id"),
    "escaping recording": ((_ROWS + "/R,a,chunks/c000.wav\n").encode(), "bad.csv:2: recording_id"),
    "dots": ((_ROWS + "..,a,chunks/c000.wav\n").encode(), "bad.csv:2: recording_id"),
    "missing chunk": ((_ROWS + "R,a,chunks/none.wav\n").encode(), "bad.csv:2: .*none.wav"),
    "chunk is a folder": ((_ROWS + "R,a,chunks\n").encode(), "bad.csv:2: .*chunks"),
    "not text": (_ROWS.encode() + b"R,\xff\xfe,chunks/c000.wav\n", "bad.csv:2"),
    "nul": (_ROWS.encode() + b"R,a\0b,chunks/c000.wav\n", "bad.csv:2"),
    "time": (
        b"recording_id,chunk_id,source_path,start_ms,end_ms\nR,a,chunks/c000.wav,x,1\n",
        "bad.csv:2: start_ms",
    ),
    "after a quoted line": (
        b'recording_id,chunk_id,source_path,notes\nR,a,chunks/c000.wav,"two\nlines"\nR,,x,\n',
        "bad.csv:4: chunk_id '' is empty",
    ),
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_bad_manifest_is_refused_with_file_and_line(offline_badc, manifest, case):
    manifest(1)
    content, match = MANIFESTS[case]
    (offline_badc.folder / "bad.csv").write_bytes(content)
    line = refused(offline_badc, "infer", "run", "bad.csv")
    assert re.search(match, line), line


OPTIONS: dict[str, tuple[list[str], str]] = {
    "two runners": (["--runner-cmd", "x", "--use-hawkears"], "--runner-cmd and --use-hawkears"),
    "hawkears argument": (["--hawkears-arg", "x"], "--hawkears-arg"),
    "runner not found": (["--runner-cmd", "no-such-program --fast"], "'no-such-program'"),
    "runner not executable": (["--runner-cmd", "./chunks/c000.wav"], "chmod"),
    "quotes": (["--runner-cmd", "'half"], "Close the quotes"),
    "unknown runner": (["--runner", "parrot"], "there is no runner 'parrot'"),
    "retries": (["--max-retries", "-1"], "--max-retries -1 is negative"),
    "workers": (["--cpu-workers", "-1"], "--cpu-workers -1 is negative"),
    "gpus": (["--max-gpus", "-1"], "--max-gpus -1 is negative"),
    "no number": (["--max-gpus", "two"], "--max-gpus"),
    "no time": (["--timeout", "0"], "--timeout 0 is no time"),
    "not a time": (["--timeout", "nan"], "--timeout nan"),
    "endless": (["--timeout", "inf"], "--timeout inf"),
    "confidence": (["--runner", "birdnet", "--min-confidence", "2"], "--min-confidence 2"),
    "unreachable": (["--scheduler-address", "tcp://127.0.0.1:9"], "nothing answers there"),
    "no address": (["--scheduler-address", "over there"], "--scheduler-address over there"),
    "output is a file": (["--output-dir", "manifest.csv"], "manifest.csv is a file"),
    "output below a file": (["--output-dir", "manifest.csv/out"], "manifest.csv is a file"),
    "log is a folder": (["--telemetry-log", "chunks"], "chunks is a folder"),
    "no summary": (["--resume-summary", "none.json"], "none.json"),
    "summary is no JSON": (["--resume-summary", "manifest.csv"], "manifest.csv"),
    "no dataset": (["--print-datalad-run"], "lies in no DataLad dataset"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_an_impossible_request_is_refused(offline_badc, manifest, case):
    words, match = OPTIONS[case]
    assert match in refused(offline_badc, "infer", "run", manifest(1), *words)


@pytest.mark.parametrize("place", ["none.csv", "chunks", ""])
def test_a_manifest_that_is_no_file_is_refused(offline_badc, manifest, place):
    manifest(1)
    assert "Error:" in refused(offline_badc, "infer", "run", place)


def test_a_server_that_does_not_answer_is_named(offline_badc, manifest):
    line = refused(offline_badc, "infer", "run", manifest(1))
    assert "PREFECT_API_URL: no Prefect server answers at http://127.0.0.1:9" in line


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
