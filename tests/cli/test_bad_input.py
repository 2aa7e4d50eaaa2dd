"""What a user gets for bad input: one clear line, exit code 2, and not a byte written."""

import os
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms\n"
ROW = "REC,c000,chunks/c000.wav,0,1000\n"


@pytest.fixture
def refused(offline_badc, manifest, tmp_path):
    """Runs ``badc infer run`` on something it must refuse; returns the one line it said."""
    manifest(2)
    (tmp_path / "a file").write_text("in the way")
    (tmp_path / "a folder").mkdir()

    def run(*words: object, **environment: str) -> str:
        before = tree(tmp_path)
        ended = offline_badc("infer", "run", *words, **environment)
        assert ended.code == 2, ended.all
        assert "Traceback" not in ended.all
        assert "fault of BADC" not in ended.all
        lines = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, ended.err
        assert tree(tmp_path) == before
        return lines[0]

    return run


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything under ``folder``, with the contents of files."""
    return {
        os.fsdecode(os.path.relpath(path, folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


MANIFESTS = {
    "empty": (b"", "m.csv:1: lacks the columns recording_id, chunk_id, source_path."),
    "header only": (HEADER, "m.csv: lists no chunks."),
    "missing column": (
        "recording_id,chunk_id\nREC,c000\n",
        "m.csv:1: lacks the column source_path.",
    ),
    "duplicate ids": (
        HEADER + ROW + "\n" + ROW,
        "m.csv:4: chunk 'REC/c000' stands already in line 2.",
    ),
    "escaping recording": (
        HEADER + "../x,c000,chunks/c000.wav,,\n",
        "m.csv:2: recording_id '../x'",
    ),
    "absolute chunk": (HEADER + "REC,/abs,chunks/c000.wav,,\n", "m.csv:2: chunk_id '/abs'"),
    "missing chunk": (HEADER + "REC,c009,chunks/c009.wav,,\n", "m.csv:2: chunk file not found"),
    "not UTF-8": (
        HEADER.encode() + ROW.encode() + b"R\xe9C,c1,x,,\n",
        "m.csv:3: is not UTF-8 text.",
    ),
    "NUL in id": (
        HEADER + "REC,c\0,chunks/c000.wav,,\n",
        "m.csv:2: chunk_id 'c\\x00' holds a control",
    ),
    "impossible time": (
        HEADER + f"REC,c0,chunks/c000.wav,0,1{'0' * 400}\n",
        "m.csv:2: end_ms '1000",
    ),
}


@pytest.mark.parametrize(("content", "said"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_bad_manifest_is_refused_with_its_file_and_line(refused, tmp_path, content, said):
    raw = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "m.csv").write_bytes(raw)
    assert said in refused("m.csv")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.csv", "nowhere.csv: no such manifest. Make one with 'badc chunk run"),
        ("a folder", "a folder: cannot be read (Is a directory)."),
        ("a file/m.csv", "a file/m.csv: cannot be read (Not a directory)."),
        ("m" * 300, "cannot be read (File name too long)."),
        ("/dev/zero", "/dev/zero: is not a regular file."),
        ("", "."),
    ],
    ids=["missing", "folder", "below a file", "long name", "device", "empty"],
)
def test_a_manifest_that_is_no_file_is_refused(refused, name, said):
    assert said in refused(name)


def test_a_manifest_that_is_a_pipe_is_refused_and_not_waited_for(refused, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "pipe.csv: is not a regular file." in refused("pipe.csv")


OPTIONS = {
    "two runners": (["--use-hawkears", "--runner-cmd", "true"], "--runner-cmd and --use-hawkears"),
    "no such runner": (["--runner", "owl"], "there is no runner 'owl'. Choose stub, command"),
    "lonely argument": (["--hawkears-arg=-x"], "--hawkears-arg does not go with runner 'stub'."),
    "no command": (["--runner", "command"], "Give --runner-cmd CMD."),
    "blank command": (["--runner-cmd", "  "], "--runner-cmd is empty."),
    "open quote": (["--runner-cmd", "x 'y"], "Close the quotes."),
    "no such program": (["--runner-cmd", "no-such-program -x"], "'no-such-program' was not found"),
    "not executable": (["--runner-cmd", "./manifest.csv"], "make it executable (chmod +x)"),
    "retries": (["--max-retries", "-1"], "--max-retries -1 is negative."),
    "CPU workers": (["--cpu-workers", "-1"], "--cpu-workers -1 is negative."),
    "GPUs": (["--max-gpus", "-1"], "--max-gpus -1 is negative."),
    "no time": (["--timeout", "0"], "--timeout 0 is no time."),
    "not a time": (["--timeout", "nan"], "--timeout nan is no time."),
    "endless time": (["--timeout", "inf"], "--timeout inf is no time."),
    "not a confidence": (
        ["--runner=birdnet", "--min-confidence=nan"],
        "--min-confidence nan is not above 0",
    ),
    "over-confident": (
        ["--runner=birdnet", "--min-confidence=2"],
        "--min-confidence 2 is not above 0",
    ),
    "no such option": (["--max-gpu", "1"], "--max-gpu"),
    "empty address": (["--scheduler-address", ""], "--scheduler-address is empty"),
    "no port": (["--scheduler-address", "tcp://localhost"], "Start 'dask scheduler'"),
    "torn address": (["--scheduler-address", "tcp://[::1"], "--scheduler-address tcp://[::1: "),
    "nobody there": (
        ["--scheduler-address", "tcp://127.0.0.1:9"],
        "no Dask scheduler answers there",
    ),
    "another protocol": (["--scheduler-address", "carrier://pigeon"], "carrier://pigeon: "),
    "two clusters": (
        ["--scheduler-address", "tcp://h:1", "--cluster-profile", "x.toml"],
        "--scheduler-address and --cluster-profile each name a cluster.",
    ),
    "no such profile": (["--cluster-profile", "x.toml"], "x.toml: no such cluster profile."),
    "output on a file": (["--output-dir", "a file"], "a file is a file, not a folder."),
    "output below a file": (["--output-dir", "a file/x/y"], "a file is a file, not a folder."),
    "output in /proc": (["--output-dir", "/proc/badc"], "--output-dir: /proc is not writable"),
    "output name too long": (["--output-dir", "x" * 300], "--output-dir: "),
    "log is a folder": (["--telemetry-log", "a folder"], "a folder is a folder."),
    "log in /proc": (
        ["--telemetry-log", "/proc/x.jsonl"],
        "--telemetry-log: /proc is not writable",
    ),
    "log name too long": (["--telemetry-log", "x" * 245], "--telemetry-log: "),
    "log is the manifest": (["--telemetry-log", "manifest.csv"], "is no telemetry log"),
    "log is audio": (["--telemetry-log", "chunks/c000.wav"], "is no telemetry log"),
    "log is a device": (["--telemetry-log", "/dev/null"], "/dev/null is not a regular file."),
    "no summary": (["--resume-summary", "x.summary.json"], "x.summary.json: no such summary."),
    "summary is a folder": (["--resume-summary", "a folder"], "a folder: is a folder"),
    "summary name too long": (
        ["--resume-summary", "x" * 300],
        "cannot be read (File name too long)",
    ),
    "summary is a CSV": (["--resume-summary", "manifest.csv"], "manifest.csv: is not a summary"),
}


@pytest.mark.parametrize(("words", "said"), OPTIONS.values(), ids=OPTIONS.keys())
def test_a_bad_option_is_refused_by_name_with_the_remedy(refused, words, said):
    line = refused("manifest.csv", *words)
    assert said in line
    assert len(line) > len("Error: ") + len(said) or "No such option" in line


SUMMARIES = {"torn": b'{"jobs": {"REC/c0', "no jobs": b'{"workers": {}}', "NUL": b"\0" * 100}


@pytest.mark.parametrize("content", SUMMARIES.values(), ids=SUMMARIES.keys())
def test_a_broken_summary_is_refused(refused, tmp_path, content):
    (tmp_path / "s.summary.json").write_bytes(content)
    line = refused("manifest.csv", "--resume-summary", "s.summary.json")
    assert "s.summary.json: is not a summary" in line
    assert "Name the *.summary.json that an earlier run printed." in line


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9/api", "Failed to reach API at http://127.0.0.1:9/api/"),
        ("localhost:4200", "Failed to reach API at localhost:4200/"),
        ("http://[::1", "Invalid IPv6 URL"),
    ],
    ids=["nobody there", "no scheme", "torn"],
)
def test_an_unusable_prefect_server_is_named_before_the_run_begins(refused, address, said):
    line = refused("manifest.csv", PREFECT_API_URL=address)
    assert line.startswith("Error: PREFECT_API_URL: ")
    assert said in line
    assert "unset PREFECT_API_URL" in line


@pytest.mark.parametrize("status", [200, 401])
def test_a_web_server_that_is_no_prefect_server_is_told_apart(refused, web_server, status):
    line = refused("manifest.csv", PREFECT_API_URL=web_server(status))
    assert line.startswith("Error: PREFECT_API_URL: ")
    assert "(it ends in /api)" in line


@pytest.fixture
def web_server():
    """Starts a web server that answers everything with one status and a page."""
    with ExitStack() as running:

        def start(status: int) -> str:
            class Page(BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(status)
                    self.send_header("Content-Length", "4")
                    self.end_headers()
                    self.wfile.write(b"<p/>")

                def log_message(self, *_):
                    pass

            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Page))
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/api"

        yield start


def test_a_server_that_is_no_dask_scheduler_is_not_waited_for(refused, web_server):
    address = web_server(200).replace("http:", "tcp:").removesuffix("/api")
    assert "no Dask scheduler answers there" in refused(
        "manifest.csv", "--scheduler-address", address
    )
