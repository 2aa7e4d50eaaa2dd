"""Work recorded in a real DataLad dataset, with real git-annex."""

import shutil
import sys
from pathlib import Path

import pytest
import soundfile

BIN = Path(sys.executable).parent
pytestmark = pytest.mark.skipif(
    not ((BIN / "datalad").exists() and (BIN / "badc").exists()),
    reason="DataLad, or BADC itself, is not installed in this environment",
)


@pytest.fixture
def dataset(badc, here, yellowthroat):
    """A dataset of an awkward name, with two annexed recordings of awkward names."""
    root = badc.folder / "it's a {set} [1] ö"
    here("datalad", "create", root)
    badc.folder = root
    (root / "audio").mkdir()
    samples, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    for name in ("a {b}.wav", "c's ö.wav"):
        soundfile.write(root / "audio" / name, samples, rate_hz)
    here("datalad", "save", "-m", "audio")
    assert (root / "audio" / "a {b}.wav").is_symlink()
    return root


def test_a_dataset_cut_and_heard_is_recorded_can_be_rerun_and_is_done_once(badc, here, dataset):
    cut = badc("chunk", "orchestrate", ".", "--chunk-duration", 3, "--apply")
    assert cut.code == 0, cut.all
    words = ["infer", "orchestrate", ".", "--runner", "birdnet", "--apply"]
    heard = badc(*words)
    assert heard.code == 0, heard.all
    assert here("git", "status", "--porcelain").stdout == ""
    log = here("git", "log", "--format=%s").stdout
    assert log.count("[DATALAD RUNCMD] Chunk ") == log.count("[DATALAD RUNCMD] Infer ") == 2
    record = here("git", "log", "-1", "--format=%B").stdout
    assert "badc infer run" in record
    assert "--output-dir" in record
    found = sorted(path.name for path in (dataset / "artifacts" / "infer").rglob("*.json"))
    assert len(found) == 4
    assert (dataset / "artifacts" / "infer" / "a {b}" / found[0]).is_symlink()  # annexed, locked

    again = badc(*words, "--resume-completed")
    assert again.code == 0, again.all
    assert "0 recordings to hear, 2 already done" in again.out
    assert here("git", "log", "--format=%s").stdout == log
    rerun = here("datalad", "rerun", "--since=", check=False)  # all of the history
    assert rerun.returncode == 0, rerun.stdout + rerun.stderr
    assert here("git", "status", "--porcelain").stdout == ""


def test_printed_lines_do_what_they_say_when_a_shell_elsewhere_reads_them(badc, here, dataset):
    badc.folder = dataset.parent
    for words in (
        ["chunk", "orchestrate", dataset, "--chunk-duration", 3, "--print-datalad-run"],
        ["infer", "orchestrate", dataset, "--stub-runner", "--print-datalad-run"],
    ):
        printed = badc(*words)
        lines = [line for line in printed.out.splitlines() if line.startswith("datalad ")]
        assert len(lines) == 2, printed.all
        for line in lines:
            told = here("bash", "-c", line, check=False)
            assert told.returncode == 0, told.stdout + told.stderr
    assert len(list((dataset / "artifacts" / "infer").rglob("*.json"))) == 4
    assert here("git", "-C", dataset, "status", "--porcelain").stdout == ""


@pytest.mark.usefixtures("here")
def test_what_datalad_could_not_record_is_refused_in_one_line(badc, dataset):
    words = ["chunk", "orchestrate", ".", "--apply"]
    (dataset / "stray.txt").write_text("not saved")
    dirty = badc(*words)
    assert (dirty.code, dirty.err.count("Error:")) == (2, 1), dirty.all
    assert "has changes that are not saved: stray.txt" in dirty.err
    assert badc(*words, "--no-record-datalad", "--limit", 1).code == 0
    (dataset / "stray.txt").unlink()
    shutil.rmtree(dataset / "artifacts")
    shutil.rmtree(dataset / "manifests")
    nobody = badc(*words, GIT_AUTHOR_NAME="", GIT_COMMITTER_NAME="")
    assert nobody.code == 2, nobody.all
    assert "git does not know who you are (user.name is not set)" in nobody.err
    without = badc(*words, "--record-datalad", BADC_DISABLE_DATALAD="1")
    assert without.code == 0, without.all


@pytest.mark.usefixtures("dataset")
def test_a_failed_recording_records_nothing_and_stops_no_other(badc, here, tmp_path):
    assert badc("chunk", "orchestrate", ".", "--chunk-duration", 6, "--apply").code == 0
    program = tmp_path / "runner.py"
    program.write_text(
        "import sys\n"
        "audio, answer = sys.argv[2], sys.argv[4]\n"
        "assert audio.endswith('.wav'), audio\n"
        "sys.exit('no b') if '{b}' in audio else open(answer, 'w').write('[]')\n"
    )
    ended = badc(
        "infer", "orchestrate", ".", "--runner-cmd", f"{sys.executable} {program}",
        "--max-retries", 0, "--apply",
    )  # fmt: skip
    assert ended.code == 1, ended.all
    assert "Traceback" not in ended.all
    assert "no b" in ended.all
    assert "1 recordings of" in ended.err.splitlines()[-1]
    log = here("git", "log", "--format=%s").stdout
    assert "Infer a {b} (not finished)" in log
    assert log.count("[DATALAD RUNCMD] Infer ") == 1
    assert here("git", "status", "--porcelain").stdout == ""


def test_a_pipeline_in_a_dataset_is_recorded_and_safe_to_run_twice(badc, here, dataset):
    words = ["pipeline", "run", ".", "--chunk-duration", 6, "--runner", "birdnet"]
    words += ["--max-retries", 0, "--timeout", 600, "--keep-going", "--workers", 2]
    first = badc(*words)
    assert first.code == 0, first.all
    assert "2 recordings" in first.out
    assert (dataset / "artifacts" / "aggregate" / "a {b}_detections.parquet").exists()
    page = dataset / "artifacts" / "aggregate" / "report.html"
    assert "Common Yellowthroat" in page.read_text()
    assert "--max-retries 0 --timeout 600.0" in here("git", "log", "--format=%B").stdout
    assert here("git", "status", "--porcelain").stdout == ""
    log = here("git", "log", "--format=%s").stdout
    again = badc(*words)
    assert again.code == 0, again.all
    assert here("git", "status", "--porcelain").stdout == ""
    assert here("git", "log", "--format=%s").stdout == log  # not even the plan is another one
    assert log.count("RUNCMD") == 4
