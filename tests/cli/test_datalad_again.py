"""What DataLad recorded is heard again by 'datalad rerun', and gone on with where it was broken."""

import shlex
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
pytestmark = pytest.mark.skipif(
    not ((BIN / "datalad").exists() and (BIN / "badc").exists()),
    reason="DataLad, or BADC itself, is not installed in this environment",
)


@pytest.fixture
def dataset(badc, here, manifest):
    """A dataset ``ds`` with a manifest of three chunks, in the folder one types in."""
    here("datalad", "create", "-c", "text2git", "ds")
    root = badc.folder / "ds"
    (root / "manifests").mkdir()
    manifest(3).rename(root / "manifests" / "REC.csv")
    (badc.folder / "chunks").rename(root / "chunks")
    text = (root / "manifests" / "REC.csv").read_text()
    (root / "manifests" / "REC.csv").write_text(text.replace(",chunks/", ",../chunks/"))
    here("datalad", "-C", "ds", "save")
    return root


@pytest.fixture
def relative(runner_script):
    """Makes a runner that lies where one types; returns a command that names it from there."""

    def make(lines: str) -> str:
        runner_script(lines)
        return "python runner.py"

    return make


@pytest.mark.usefixtures("dataset")
def test_a_recorded_run_finds_a_relative_runner_and_is_heard_again(badc, here, relative, starts):
    words = ["infer", "orchestrate", "ds", "--runner-cmd", relative("answer.write_text('[]')")]
    heard = badc(*words, "--apply")
    assert heard.code == 0, heard.all
    assert "Dataset ds: 1 of 1 recordings heard, 0 already done; 3 of 3 chunks: 3" in heard.out
    assert len(starts()) == 3
    record = here("git", "-C", "ds", "log", "-1", "--format=%B").stdout
    assert f"python {badc.folder / 'runner.py'}" in record
    assert "0 recordings to hear, 1 already done" in badc(*words, "--apply").out
    here("datalad", "-C", "ds", "rerun")
    assert len(starts()) == 6
    assert here("git", "-C", "ds", "status", "--porcelain").stdout == ""
    # taken though it is done, and nobody asked to hear it again
    kept = badc(*words, "--apply", "--include-existing")
    assert kept.code == 0, kept.all
    assert "3 of 3 chunks: 0 heard, 3 already done." in kept.out
    assert badc(*words, "--apply", "--rerun-all").code == 0
    assert len(starts()) == 9


@pytest.mark.usefixtures("dataset")
def test_a_recorded_run_that_was_broken_off_goes_on_and_is_then_heard_again(
    badc, here, relative, starts
):
    command = relative(
        "answer.write_text('[]') if audio.stem != 'c002' or Path('../well').exists() "
        "else sys.exit('not yet')"
    )
    words = ["infer", "orchestrate", "ds", "--runner-cmd", command, "--max-retries", 0, "--apply"]
    broken = badc(*words)
    assert broken.code == 1, broken.all
    assert "2 of 3 chunks: 2 heard, 0 already done, 1 failed." in broken.out
    (badc.folder / "well").touch()
    again = badc(*words)
    assert again.code == 0, again.all
    assert "3 of 3 chunks: 1 heard, 2 already done." in again.out
    assert starts() == ["c000", "c001", "c002", "c002"]
    here("datalad", "-C", "ds", "rerun")
    assert starts()[4:] == ["c000", "c001", "c002"]


def test_a_printed_line_names_a_runner_within_the_dataset_from_its_root(
    badc, here, dataset, relative, starts
):
    relative("answer.write_text('[]')")
    (dataset / "code").mkdir()
    (badc.folder / "runner.py").rename(dataset / "code" / "runner.py")
    here("datalad", "-C", "ds", "save")
    printed = badc(
        "infer", "run", "ds/manifests/REC.csv", "--runner-cmd", "python ds/code/runner.py",
        "--print-datalad-run",
    )  # fmt: skip
    assert printed.code == 0, printed.all
    assert "python code/runner.py" in shlex.split(printed.out)
    told = here("bash", "-c", printed.out, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert len(starts()) == 3
    here("datalad", "-C", "ds", "rerun")
    assert len(starts()) == 6
    # a script that was edited is what one has a record run again for
    edited = dataset / "code" / "runner.py"
    edited.write_text(edited.read_text() + "# better now\n")
    record = here("git", "-C", "ds", "log", "--grep=RUNCMD", "-1", "--format=%H").stdout.strip()
    here("datalad", "-C", "ds", "save")
    here("datalad", "-C", "ds", "rerun", record)
    assert len(starts()) == 9
    # but a line that nobody has run yet replaces nothing that nobody asked to replace
    words = ["infer", "run", "ds/manifests/REC.csv", "--print-datalad-run", "--runner-cmd", "true"]
    refused = badc(*words)
    assert (refused.code, refused.out) == (2, ""), refused.all
    assert "--replace to replace them" in refused.err
    assert badc(*words, "--replace").code == 0
