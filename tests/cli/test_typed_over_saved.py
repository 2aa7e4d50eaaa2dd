"""What is typed beside a saved plan or a preset counts over it, or is refused by name."""

import json

import pytest
import soundfile

HEARS = """
heard = {"timestamp_ms": 0, "end_ms": 500, "label": sys.argv[1], "confidence": 1}
answer.write_text(json.dumps([heard]))
"""


@pytest.fixture
def dataset(badc, manifest):
    """A dataset ``ds`` of two recordings with two chunks each, in the folder one types in."""
    folder = badc.folder / "ds"
    (folder / "manifests").mkdir(parents=True)
    for name in ("a", "b"):
        manifest(2, name).rename(folder / "manifests" / f"{name}.csv")
    (badc.folder / "chunks").rename(folder / "manifests" / "chunks")
    return folder


def labels(folder) -> list[str]:
    found = [json.loads(path.read_text()) for path in folder.rglob("*.json")]
    return [each["detections"][0]["label"] for each in found]


def line_with(text: str, out: str) -> str:
    (line,) = [line for line in out.splitlines() if text in line]
    return line


def test_what_is_typed_counts_over_a_saved_plan_found_under_the_path_it_was_written_to(
    badc, dataset, runner_script
):
    command = runner_script(HEARS)
    planned = badc(
        "infer", "orchestrate", "ds", "--runner-cmd", f"{command} SAVED", "--max-retries", 5,
        "--plan-json", "plans/infer.json",
    )  # fmt: skip
    assert planned.code == 0, planned.all
    typed = badc(
        "infer", "orchestrate", "ds", "--chunk-plan", "plans/infer.json", "--runner-cmd",
        f"{command} TYPED", "--output-dir", "other", "--max-retries", 2, "--apply",
    )  # fmt: skip
    assert typed.code == 0, typed.all
    told = line_with("override the saved plan", typed.out)
    assert told.endswith(": --max-retries (2), --output-dir (2), --runner-cmd (2).")
    assert labels(dataset / "other") == ["TYPED"] * 4
    assert not (dataset / "artifacts" / "infer").exists()
    last = line_with("Dataset ds: ", typed.out)
    assert last == (
        "Dataset ds: 2 of 2 recordings heard, 0 already done;"
        " 4 of 4 chunks: 4 heard, 0 already done."
    )
    as_saved = badc("infer", "orchestrate", "ds", "--chunk-plan", "plans/infer.json", "--apply")
    assert as_saved.code == 0, as_saved.all
    assert "override the saved plan" not in as_saved.all
    assert labels(dataset / "artifacts" / "infer") == ["SAVED"] * 4


@pytest.mark.usefixtures("dataset")
def test_a_runner_typed_over_a_saved_one_leaves_the_arguments_of_that(badc):
    words = ["infer", "orchestrate", "ds"]
    saved = [*words, "--use-hawkears", "--hawkears-arg=-x", "--plan-csv", "p.csv"]
    assert badc(*saved).code == 0
    badc(*words, "--chunk-plan", "p.csv", "--runner", "birdnet", "--plan-json", "again.json")
    rows = json.loads((badc.folder / "again.json").read_text())
    assert [(row["runner"], row["hawkears_args"]) for row in rows] == [("birdnet", [])] * 2
    same = badc(*words, "--chunk-plan", "p.csv", "--use-hawkears", "--plan-json", "again.json")
    assert same.code == 0, same.all
    rows = json.loads((badc.folder / "again.json").read_text())
    assert [row["hawkears_args"] for row in rows] == [["-x"]] * 2


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--manifest-dir", "elsewhere"], "--manifest-dir does not go with --chunk-plan"),
        (["--pattern", "a*"], "--pattern does not go with --chunk-plan"),
        (["--hawkears-arg=-x"], "--hawkears-arg does not go with runner 'birdnet'"),
    ],
)
def test_what_could_say_nothing_beside_a_plan_is_refused_by_name(badc, dataset, more, why):
    words = ["infer", "orchestrate", "ds"]
    assert badc(*words, "--runner", "birdnet", "--plan-csv", "p.csv").code == 0
    ended = badc(*words, "--chunk-plan", "p.csv", *more, "--apply")
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.all
    assert why in ended.err
    assert not (dataset / "artifacts").exists()


@pytest.mark.usefixtures("dataset")
def test_a_plan_named_from_the_dataset_is_refused_with_the_words_that_find_it(badc):
    assert badc("infer", "orchestrate", "ds", "--plan-csv", "ds/p.csv").code == 0
    ended = badc("infer", "orchestrate", "ds", "--chunk-plan", "p.csv")
    assert ended.code == 2
    assert "Write ds/p.csv." in ended.err


@pytest.mark.usefixtures("dataset")
def test_a_dataset_is_heard_again_on_purpose_whoever_takes_what_is_done(
    badc, runner_script, starts
):
    words = ["infer", "orchestrate", "ds", "--runner-cmd", f"{runner_script(HEARS)} x", "--apply"]
    assert badc(*words).code == 0
    assert len(starts()) == 4
    assert "0 recordings to hear, 2 already done" in badc(*words).out
    for number, more in enumerate(([], ["--include-existing"]), 2):
        ended = badc(*words, *more, "--rerun-all")
        assert ended.code == 0, ended.all
        assert "4 of 4 chunks: 4 heard, 0 already done." in line_with("Dataset ds: ", ended.out)
        assert len(starts()) == 4 * number
    kept = badc(*words, "--include-existing")
    assert "4 of 4 chunks: 0 heard, 4 already done." in line_with("Dataset ds: ", kept.out)
    assert len(starts()) == 12
    saved = badc(*words[:-1], "--rerun-all", "--plan-csv", "p.csv")
    assert saved.code == 0, saved.all
    assert badc("infer", "orchestrate", "ds", "--chunk-plan", "p.csv", "--apply").code == 0
    assert len(starts()) == 16
    less = badc("infer", "orchestrate", "ds", "--chunk-plan", "p.csv", "--resume-completed")
    assert "override the saved plan (recordings): --rerun-all (2)." in less.out
    assert "0 recordings to hear, 2 already done" in less.out


def test_a_pipeline_hears_again_on_purpose_and_keeps_its_plan_where_one_types(
    badc, runner_script, starts
):
    (badc.folder / "ds" / "audio").mkdir(parents=True)
    soundfile.write(badc.folder / "ds" / "audio" / "REC.wav", [0.0] * 4000, 1000)
    words = ["pipeline", "run", "ds", "--runner-cmd", f"{runner_script(HEARS)} x", "--no-bundle"]
    words += ["--chunk-duration", 2, "--chunk-plan", "cuts.json"]
    assert badc(*words).code == 0
    assert (badc.folder / "cuts.json").exists()
    assert "0 recordings to hear, 1 already done" in badc(*words).out
    assert len(starts()) == 2
    again = badc(*words, "--rerun-all")
    assert again.code == 0, again.all
    assert "2 of 2 chunks: 2 heard, 0 already done." in line_with("Dataset ds: ", again.out)
    assert len(starts()) == 4


@pytest.mark.usefixtures("dataset")
def test_a_script_for_slurm_hears_again_on_purpose(badc):
    words = ["infer", "orchestrate", "ds", "--stub-runner", "--rerun-all", "--sockeye-script"]
    assert badc(*words, "a.sh").code == 0
    assert (badc.folder / "a.sh").read_text().count(" --rerun)") == 2
    both = badc(*words, "b.sh", "--sockeye-resume-completed")
    assert (both.code, both.err.count("Error:")) == (2, 1), both.all
    assert not (badc.folder / "b.sh").exists()


@pytest.mark.usefixtures("dataset")
def test_a_relative_program_is_the_same_in_a_saved_plan_and_a_script_for_slurm(badc):
    (badc.folder / "bin").mkdir()
    (badc.folder / "bin" / "listen.py").write_text("")
    planned = badc(
        "infer", "orchestrate", "ds", "--runner-cmd", "python3 bin/listen.py --model=bin/listen.py",
        "--plan-json", "p.json", "--sockeye-script", "a.sh",
    )  # fmt: skip
    assert planned.code == 0, planned.all
    script = badc.folder / "bin" / "listen.py"
    rows = json.loads((badc.folder / "p.json").read_text())
    assert rows[0]["runner_cmd"] == f"python3 {script} --model={script}"
    assert f"python3 {script} --model={script}" in (badc.folder / "a.sh").read_text()


def test_what_is_typed_counts_over_a_preset(badc, manifest, runner_script):
    command = runner_script(HEARS)
    (badc.folder / "p.toml").write_text(
        f"[runner]\nmanifest = '{manifest(2).name}'\nrunner_cmd = '{command} SAVED'\n"
        "output_dir = 'saved'\n"
    )
    typed = badc(
        "infer", "run-config", "p.toml", "--runner-cmd", f"{command} TYPED", "--output-dir", "typed"
    )
    assert typed.code == 0, typed.all
    assert "Typed options override p.toml: --output-dir, --runner-cmd." in typed.err
    assert labels(badc.folder / "typed") == ["TYPED"] * 2
    assert not (badc.folder / "saved").exists()
    again = badc(
        "infer", "run-config", "p.toml", "--runner-cmd", f"{command} TYPED", "--output-dir",
        "typed", "--rerun",
    )  # fmt: skip
    assert "Processed 2 of 2 chunks: 2 heard, 0 already done; JSON in " in again.out
