"""``badc data`` with real git, git-annex and DataLad."""

import base64
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

BIN_NEEDED = ("datalad", "git-annex")
SECRET = "me:s3cret"  # noqa: S105 - of the test's own server


@pytest.fixture
def data(offline_badc, offline_here):
    """Runs ``badc data``; the registry is the test's own."""
    if offline_here(
        "sh", "-c", f"command -v {' && command -v '.join(BIN_NEEDED)}", check=False
    ).returncode:
        pytest.skip("DataLad is not installed in this environment")
    offline_badc.environment["BADC_DATA_CONFIG"] = str(offline_badc.folder / "registry.toml")
    return lambda *words, **more: offline_badc("data", *words, **more)


@pytest.fixture
def source(offline_badc, offline_here) -> Path:
    """A dataset with three annexed recordings, one in a folder of an awkward name."""
    root = offline_badc.folder / "it's a source ö"
    offline_here("datalad", "create", root)
    (root / "a b").mkdir()
    for name in ("1.wav", "2.wav", "a b/3.wav"):
        (root / name).write_text(f"sound of {name}")
    offline_here("datalad", "save", "-d", root, "-m", "audio")
    return root


@pytest.fixture
def looked(data):
    """What ``badc data status`` says of the datasets, by name."""

    def look() -> dict[str, dict[str, object]]:
        ended = data("status", "--json")
        assert ended.code == 0, ended.all
        return {each["name"]: each for each in json.loads(ended.out)}

    return look


def test_a_dataset_is_cloned_updated_and_counted_and_own_changes_stay(
    data, source, looked, offline_badc, offline_here
):
    words = ["connect", "set 1", "--url", source, "--path", "d"]
    place = offline_badc.folder / "d" / "set 1"
    told = data(*words, "--dry-run")
    assert told.out == shlex.join(["datalad", "clone", str(source), str(place)]) + "\n"
    assert not place.parent.exists()
    assert looked() == {}
    assert data(*words).code == 0
    found = looked()["set 1"]
    assert (found["there"], found["clean"], found["method"]) == (True, True, "datalad")
    assert (found["annexed_files_here"], found["annexed_files"]) == (0, 3)

    (source / "4.wav").write_text("new")
    offline_here("datalad", "save", "-d", source, "-m", "more")
    (place / "mine.txt").write_text("not saved")
    offline_here("git", "-C", place, "annex", "get", "1.wav", "a b")
    assert "updated" in data("connect", "set 1").out
    found = looked()["set 1"]
    assert (found["annexed_files_here"], found["annexed_files"]) == (2, 4)
    assert found["clean"] is False
    assert (place / "mine.txt").read_text() == "not saved"
    shown = data("status").out
    assert "2 of 4 files" in shown
    assert "not saved" in shown
    assert str(place) in shown

    offline_here("git", "-C", place, "commit", "-q", "--allow-empty", "-m", "of my own")
    (source / "5.wav").write_text("newer")
    offline_here("datalad", "save", "-d", source, "-m", "diverged")
    head = offline_here("git", "-C", place, "rev-parse", "HEAD").stdout
    apart = data("connect", "set 1")
    assert apart.code == 1
    assert "is as it was" in apart.err.splitlines()[-1]
    assert offline_here("git", "-C", place, "rev-parse", "HEAD").stdout == head
    assert data("connect", "set 1", "--no-pull").code == 0


def test_only_content_that_is_elsewhere_is_dropped(
    data, source, looked, offline_badc, offline_here
):
    assert data("connect", "c", "--url", source, "--path", ".").code == 0
    clone = offline_badc.folder / "c"
    offline_here("git", "-C", clone, "annex", "get", ".")
    offline_here("git", "-C", clone, "annex", "unlock", "1.wav")
    offline_here("git", "-C", clone, "commit", "-qm", "unlocked")
    (clone / "1.wav").write_text("edited, and nowhere else")
    (clone / "mine.wav").write_text("recorded here")
    offline_here("git", "-C", clone, "annex", "add", "mine.wav")

    told = data("disconnect", "c", "--drop-content", "--dry-run")
    assert told.out == (f"git -C {clone} annex drop --json --json-error-messages .\n")
    assert looked()["c"]["annexed_files_here"] == 4
    ended = data("disconnect", "c", "--drop-content")
    assert ended.code == 1
    assert "Dropped the content of 3 files; 1 stayed." in ended.out
    assert "changes that are not saved stayed: 1.wav, mine.wav." in ended.err
    last = ended.err.splitlines()[-1]
    assert "no copy elsewhere is sure: mine.wav. git-annex says: unsafe Could not verify" in last
    assert "--force" not in ended.all
    assert (clone / "1.wav").read_text() == "edited, and nowhere else"
    assert (clone / "mine.wav").read_text() == "recorded here"
    found = looked()["c"]
    assert (found["status"], found["annexed_files_here"]) == ("disconnected", 1)
    assert data("connect", "c", "--no-pull").code == 0
    assert looked()["c"]["status"] == "connected"

    kept = data("disconnect", "c")
    assert kept.code == 0, kept.all
    assert looked()["c"]["annexed_files_here"] == 1
    only = data("disconnect", source.name, "--path", source.parent, "--drop-content")
    assert only.code == 1, only.all
    assert "Dropped the content of 0 files; 3 stayed." in only.out
    assert (source / "a b" / "3.wav").read_text() == "sound of a b/3.wav"


def test_what_is_no_clone_is_left_alone(data, source, offline_badc, offline_here):
    folder = offline_badc.folder
    offline_here("git", "init", "-q", folder / "project")
    inner = folder / "project" / "data"
    inner.mkdir()
    (inner / "mine.txt").write_text("mine")
    (folder / "file").write_text("mine")
    (folder / "gone").symlink_to("nowhere")
    offline_here("git", "init", "-q", folder / "other")
    before = {path for path in folder.rglob("*") if ".git" not in path.parts}
    for words, said in (
        (["data", "--path", "project"], "is no clone of a dataset"),
        (["file", "--path", "."], "is no clone of a dataset"),
        (["gone", "--path", "."], "is no clone of a dataset"),
        (["x", "--path", "file"], "is a file, not a folder"),
        (["other", "--path", "."], "was made here, not of"),
        (["../x"], "holds a path separator"),
        ([".."], "holds '..'"),
        (["x", "--method", "svn"], "--method svn"),
    ):
        ended = data("connect", *words, "--url", source)
        assert (ended.code, ended.err.count("Error:")) == (2, 1), ended.all
        assert said in ended.err, ended.err
    assert "where it comes from is not known" in data("connect", "x").err
    for words in (["nosuch"], ["data", "--path", "project"], ["../x", "--path", "."]):
        assert data("disconnect", *words, "--drop-content").code == 2
    after = {path for path in folder.rglob("*") if ".git" not in path.parts}
    assert after == before
    assert (inner / "mine.txt").read_text() == "mine"


def test_what_is_missing_is_said_and_a_broken_registry_stays(data, source, offline_badc):
    nobody = data("connect", "x", "--url", source, GIT_AUTHOR_NAME="", GIT_COMMITTER_NAME="")
    assert nobody.code == 2
    assert "git does not know who you are (user.name is not set)" in nobody.err
    registry = offline_badc.folder / "registry.toml"
    registry.write_text("# mine\n[datasets.a\n")
    for words in (["status"], ["connect", "x", "--url", source], ["disconnect", "a"]):
        ended = data(*words)
        assert (ended.code, ended.err.count("\n")) == (2, 1), ended.all
        assert "registry.toml:2: is not readable as TOML" in ended.err
    assert registry.read_text() == "# mine\n[datasets.a\n"
    assert not (offline_badc.folder / "data").exists()


@pytest.mark.usefixtures("data")
def test_without_datalad_git_clones_and_datalad_is_asked_for_by_name(source, offline_badc):
    bare = offline_badc.folder / "bare"
    bare.mkdir()
    (bare / "git").symlink_to(shutil.which("git"))
    (bare / "python").symlink_to(sys.executable)  # nothing stands beside this one
    environment = {
        **offline_badc.environment,
        "PATH": str(bare),
        "PYTHONPATH": os.pathsep.join(
            [offline_badc.environment["PYTHONPATH"], sysconfig.get_path("purelib")]
        ),
    }

    def connect(*more: str) -> subprocess.CompletedProcess[str]:
        words = [bare / "python", "-m", "badc", "data", "connect", "x", "--url", source, *more]
        return subprocess.run(
            words, cwd=bare, env=environment, capture_output=True, text=True, check=False
        )

    asked = connect("--method", "datalad")
    assert (asked.returncode, asked.stderr.count("\n")) == (2, 1), asked.stderr
    assert "--method datalad: git-annex was not found. Install BADC with" in asked.stderr
    assert connect().returncode == 0
    assert (bare / "data" / "datalad" / "x" / "1.wav").is_symlink()


class _Guarded(SimpleHTTPRequestHandler):
    """Files, for those who know the password."""

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(SECRET.encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="r"')
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host(source, tmp_path) -> Iterator[str]:
    """Where the source is served over HTTP, for those who know the password."""
    bare = tmp_path / "served" / "r.git"
    for words in (
        ["clone", "-q", "--bare", source, bare],
        ["-C", bare, "update-server-info"],
    ):
        subprocess.run(["git", *words], check=True)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Guarded, directory=str(tmp_path / "served"))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("method", ["git", "datalad"])
def test_credentials_are_used_but_neither_shown_nor_kept(data, host, method, offline_badc):
    url = f"http://{SECRET}@{host}/r.git"
    words = ["connect", "x", "--path", ".", "--method", method, "--url"]
    told = data(*words, url, "--dry-run")
    ended = data(*words, url)
    assert ended.code == 0, ended.all
    wrong = data("connect", "y", "--method", method, "--url", url.replace("s3cret", "s3cret2"))
    assert wrong.code == 1, wrong.all
    again = data(*words, url)
    assert again.code == 0, again.all
    shown = "".join(each.all for each in (told, ended, wrong, again, data("status", "--json")))
    assert "s3cret" not in shown
    assert f"http://{host}/r.git" in shown
    kept = [offline_badc.folder / "registry.toml"]
    kept += [path for path in (offline_badc.folder / "x").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"s3cret" in path.read_bytes()]
