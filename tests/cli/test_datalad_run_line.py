"""The line of --print-datalad-run, taken apart by a real shell and given to BADC again."""

import shlex
import subprocess

import pytest

HEADER = "recording_id,chunk_id,source_path\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m.csv", []),
        (
            'it\'s {odd} "ö" $HOME.csv',
            [
                *(
                    "--runner-cmd",
                    "sh -c 'exit \"$0\"' {a} %s",
                    "--max-gpus",
                    0,
                    "--cpu-workers",
                    2,
                    "--chunks-per-gpu",
                    3,
                ),
                *("--cluster-profile", 'it\'s {a} "cluster".toml'),
                *("--timeout", 0.25, "--max-retries", 7, "--keep-going", "--rerun"),
                *("--telemetry-log", "new line\n.jsonl", "--output-dir", "out $(x)/{}/{{y}}"),
            ],
        ),
        (
            "-x.csv",
            [
                *("--use-hawkears", "--hawkears-arg=--min_score", "--hawkears-arg=0.7"),
                *("--hawkears-arg= ", "--hawkears-arg=", "--output-dir", "-out"),
                *("--scheduler-address", "tcp://127.0.0.1:1", "--gpu-only"),
            ],
        ),
        ("b.csv", ["--runner", "birdnet", "--min-confidence", 0.1]),
    ],
    ids=["plain", "quotes", "dashes", "birdnet"],
)
def test_the_printed_line_asks_for_the_same_run(offline_badc, tmp_path, name, words):
    root = tmp_path / "a dataset"
    (root / ".datalad").mkdir(parents=True)
    (root / "c.wav").write_bytes(b"audio")
    (root / name).write_text(f"{HEADER}REC,c,c.wav\n")
    offline_badc.folder = root
    first = offline_badc("infer", "run", *words, "--print-datalad-run", "--", name)
    assert first.code == 0, first.all
    told = shell_words(first.out)
    assert told[:3] == ["datalad", "run", "-m"]
    assert "--output" in told
    command = recorded(told)
    assert command[:3] == ["badc", "infer", "run"]
    again = offline_badc(*command[1:], "--print-datalad-run")
    assert again.code == 0, again.all
    assert recorded(shell_words(again.out)) == command
    asked = [str(word) for word in words if not str(word).startswith("--out")]
    for word in asked:
        assert word in " ".join(command)
    assert sorted(path.name for path in root.iterdir()) == sorted([".datalad", "c.wav", name])


def recorded(told: list[str]) -> list[str]:
    """The command as DataLad runs it: its doubled braces are single ones again."""
    command = told[told.index("--") + 1 :]
    return [word.replace("{{", "{").replace("}}", "}") for word in command]


def shell_words(line: str) -> list[str]:
    said = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line.rstrip()}"], capture_output=True, text=True, check=True
    ).stdout.split("\0")[:-1]
    assert said == shlex.split(line)
    return said


def test_outside_a_dataset_there_is_nothing_to_record_in(offline_badc, manifest):
    ended = offline_badc("infer", "run", manifest(1), "--print-datalad-run")
    assert ended.code == 2
    assert "datalad create" in ended.err


def test_datalad_is_to_fetch_what_is_not_here(offline_badc, tmp_path):
    (tmp_path / ".datalad").mkdir()
    chunks = tmp_path / "chunks"
    chunks.mkdir()
    (chunks / "c.wav").symlink_to("annexed")
    (tmp_path / "m.csv").write_text(f"{HEADER}REC,c,chunks/c.wav\n")
    printed = offline_badc("infer", "run", "m.csv", "--print-datalad-run")
    assert printed.code == 0, printed.all
    assert "--input m.csv --input chunks " in printed.out
