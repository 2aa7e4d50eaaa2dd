import json
from pathlib import Path


def test_a_preset_runs_as_the_command_line_does(badc, manifest, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    manifest(2).rename(tmp_path / "set" / "m.csv")
    (tmp_path / "preset.toml").write_text(
        '[paths]\ndataset_root = "set"\n[runner]\nmanifest = "m.csv"\noutput_dir = "out"\n'
        'cpu_workers = 2\ntelemetry_log = "log.jsonl"\n'
    )
    ended = badc("infer", "run-config", "preset.toml")
    assert ended.code == 0, ended.all
    assert "No GPUs detected; running on CPU with 2 worker(s)." in ended.out
    heard = sorted((tmp_path / "set/out/REC").glob("*.json"))
    assert [json.loads(each.read_text())["status"] for each in heard] == ["stub", "stub"]


def test_the_printed_line_is_the_one_of_infer_run(offline_badc, manifest, tmp_path: Path) -> None:
    (tmp_path / ".datalad").mkdir()
    path = manifest(1)
    (tmp_path / "p.toml").write_text(
        f'[runner]\nmanifest = "{path.name}"\nuse_hawkears = true\ntelemetry_log = "l.jsonl"\n'
        '[hawkears]\nextra_args = ["--min_score", "0.7"]\n'
    )
    from_file = offline_badc("infer", "run-config", "p.toml", "--print-datalad-run")
    typed = offline_badc(
        "infer", "run", path.name, "--use-hawkears", "--telemetry-log", "l.jsonl",
        "--hawkears-arg=--min_score", "--hawkears-arg=0.7", "--print-datalad-run",
    )  # fmt: skip
    assert from_file.code == typed.code == 0, from_file.all
    assert from_file.out == typed.out != ""


def test_a_bad_preset_is_one_line_and_exit_2(offline_badc, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[runner]\nmanifest = 'm'\nmax_gpu = 1\n")
    ended = offline_badc("infer", "run-config", "p.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "Error: p.toml:3: there is no key max_gpu in [runner]. Did you mean max_gpus?\n"
    )


def test_numbers_that_no_run_can_have_are_refused_as_on_the_command_line(
    offline_badc, manifest, tmp_path: Path
) -> None:
    manifest(1)
    (tmp_path / "p.toml").write_text("[runner]\nmanifest = 'manifest.csv'\nmax_retries = -1\n")
    ended = offline_badc("infer", "run-config", "p.toml")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "--max-retries -1 is negative" in ended.err
