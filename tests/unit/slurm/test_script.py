"""Scripts, as bash and shellcheck read them."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.orchestration import TableSettings
from badc.slurm import (
    ArrayJob,
    ArrayTask,
    Bundle,
    aggregate_script,
    array_script,
    bring_home_script,
)

AWKWARD = 'It\'s $HOME "é\u2019" {x} `id` \\ #\t*'


def task(name="REC", command=("badc", "infer", "run", "m.csv"), **paths):
    places = {
        "manifest": Path(f"manifests/{name}.csv"),
        "output_dir": Path(f"artifacts/infer/{name}"),
        "telemetry_log": Path(f"artifacts/{name}.jsonl"),
        "summary": Path(f"artifacts/{name}.jsonl.summary.json"),
    }
    return ArrayTask(recording_id=name, command=command, **places | paths)


@pytest.fixture
def stand_in(tmp_path):
    """Puts a program of some lines of bash in the place of ``badc``; runs a script with it."""

    def make(lines):
        program = tmp_path / "bin" / "badc"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/bash\n{lines}\n")
        program.chmod(0o755)
        return {"PATH": f"{program.parent}:/usr/bin:/bin", "TMPDIR": str(tmp_path)}

    return make


def bash(script, *words, env, **more):
    return subprocess.run(
        ["bash", "-c", script, "SCRIPT", *words],
        env={**env, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("kind", ["array", "array with all", "aggregate", "bring home"])
def test_shellcheck_has_nothing_to_say(kind, tmp_path):
    dataset = Path("/data") / AWKWARD
    job = ArrayJob(account=AWKWARD.replace("\t", ""), setup=("module load gcc",), throttle=3)
    bundle = Bundle(dataset / "artifacts" / "aggregate", options=("--places", AWKWARD))
    tasks = [task(f"{AWKWARD}{n}", ("badc", AWKWARD, "\r\n", "\udcff")) for n in range(3)]
    text = {
        "array": lambda: array_script(ArrayJob(), [task()], dataset=dataset),
        "array with all": lambda: array_script(
            job, tasks, dataset=dataset, scratch_dir=dataset, resume=True, bundle=bundle
        ),
        "aggregate": lambda: aggregate_script(
            job, dataset=dataset, detections_dir=Path(AWKWARD), bundle=bundle
        ),
        "bring home": lambda: bring_home_script(
            job, tasks, dataset=dataset, aggregate_dir=bundle.aggregate_dir
        ),
    }[kind]()
    script = tmp_path / "script.sh"
    script.write_text(text)
    ended = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
    assert ended.stdout == ""
    assert ended.returncode == 0


def test_sigterm_to_the_script_alone_lets_badc_finish(tmp_path, stand_in):
    env = stand_in(
        f"trap 'sleep 0.3; echo done > {tmp_path}/ended; exit 143' TERM\n"
        f"touch {tmp_path}/began; while :; do sleep 0.02; done"
    )
    script = array_script(ArrayJob(), [task()], dataset=tmp_path)
    process = subprocess.Popen(["bash", "-c", script, "SCRIPT", "0"], env=env)
    deadline = time.monotonic() + 120
    while not (tmp_path / "began").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for _ in range(3):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.05)
    assert process.wait(timeout=120) == 143
    assert (tmp_path / "ended").read_text() == "done\n"
    assert list(tmp_path.glob("badc-prefect.*")) == []


def test_a_failed_run_is_not_aggregated_and_its_status_is_the_tasks(tmp_path, stand_in):
    env = stand_in(f'echo "$2" >> {tmp_path}/calls; exit 5')
    bundle = Bundle(Path("tables"))
    script = array_script(ArrayJob(), [task()], dataset=tmp_path, bundle=bundle)
    assert bash(script, "0", env=env).returncode == 5
    assert (tmp_path / "calls").read_text() == "run\n"


def test_a_table_of_two_detectors_fails_no_recording_that_was_heard(tmp_path, stand_in):
    env = stand_in('[[ $2 != aggregate || " $* " == *" --allow-mixed "* ]]')
    bundle = Bundle(Path("tables"), options=tuple(TableSettings().words(tmp_path)))
    script = array_script(ArrayJob(), [task()], dataset=tmp_path, bundle=bundle)
    assert bash(script, "0", env=env).returncode == 0
    whole = aggregate_script(
        ArrayJob(), dataset=tmp_path, detections_dir=Path("infer"), bundle=bundle
    )
    assert bash(whole, env=env).returncode == 0


@pytest.mark.parametrize(("word", "code"), [("1", 2), ("x", 2), ("", 2), ("007", 2), ("00", 0)])
def test_only_numbers_of_recordings_are_taken(tmp_path, stand_in, word, code):
    script = array_script(ArrayJob(), [task()], dataset=tmp_path)
    assert bash(script, word, env=stand_in("exit 0")).returncode == code


def test_a_summary_is_handed_on_only_where_there_is_one(tmp_path, stand_in):
    env = stand_in('printf "%s\\n" "$@"')
    script = array_script(ArrayJob(), [task()], dataset=tmp_path, resume=True)
    assert "--resume-summary" not in bash(script, "0", env=env).stdout
    summary = tmp_path / task().summary
    summary.parent.mkdir(parents=True)
    summary.touch()
    assert f"--resume-summary\n{summary}\n" in bash(script, "0", env=env).stdout
    plain = array_script(ArrayJob(), [task()], dataset=tmp_path)
    assert "--resume-summary" not in bash(plain, "0", env=env).stdout
    assert "--resume-summary" in bash(plain, "0", env=env, SLURM_RESTART_COUNT="1").stdout


def test_beyond_the_largest_array_the_script_is_submitted_in_parts(tmp_path, stand_in):
    tasks = [task(f"R{number}") for number in range(2345)]
    script = array_script(ArrayJob(throttle=7), tasks, dataset=tmp_path)
    assert "#SBATCH --array=0-999%7\n" in script
    assert "sbatch --array=0-999%7 --export=ALL,BADC_FIRST=1000 SCRIPT\n" in script
    assert "sbatch --array=0-344%7 --export=ALL,BADC_FIRST=2000 SCRIPT\n" in script
    (tmp_path / "script.sh").write_text(script)
    ended = subprocess.run(
        ["bash", tmp_path / "script.sh"],
        env={**stand_in("true"), "SLURM_ARRAY_TASK_ID": "344", "BADC_FIRST": "2000"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.startswith("badc: R2344: recording 2344 on")
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("dataset", "code", "words"),
    [(".", 127, "no 'badc' on PATH"), ("gone", 1, "cannot be entered")],
)
def test_what_a_node_lacks_is_said_in_one_line(tmp_path, dataset, code, words):
    script = array_script(ArrayJob(), [task()], dataset=tmp_path / dataset)
    ended = bash(script, "0", env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)})
    assert ended.returncode == code
    assert words in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "asked",
    [
        {"tasks": []},
        {"dataset": Path("relative")},
        {"scratch_dir": Path("relative")},
        {"tasks": [task(command=())]},
        {"tasks": [task(command=("badc", "a\0b"))]},
        {"tasks": [task(command=("badc", "\ud800"))]},
        {"tasks": [task(command=("badc", "x" * (5 << 20)))]},
    ],
)
def test_what_cannot_be_written_down_is_refused(asked):
    asked = {"tasks": [task()], "dataset": Path("/d")} | asked
    with pytest.raises(UsageError):
        array_script(ArrayJob(), asked.pop("tasks"), **asked)


def test_outputs_elsewhere_than_in_the_dataset_stay_there(tmp_path, stand_in):
    env = stand_in('printf "%s\\n" "$@"')
    away = task(output_dir=Path("/elsewhere/REC"), telemetry_log=Path("../dataset/t.jsonl"))
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    script = array_script(ArrayJob(), [away], dataset=dataset)
    out = bash(script, "0", env=env, BADC_SCRATCH_DIR="/scratch").stdout
    assert "--output-dir\n/elsewhere/REC\n" in out
    assert "--telemetry-log\n/scratch/t.jsonl\n" in out
