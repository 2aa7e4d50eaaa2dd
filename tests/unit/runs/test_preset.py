import os
import re
import tomllib
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.runs import InferRequest, read_preset
from badc.runs.preset import KEYS

SHIPPED = Path(__file__).resolve().parents[3] / "configs" / "hawkears-local.toml"


@pytest.fixture
def preset(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "preset.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^#(?=[a-z])", "", text)


def test_the_shipped_preset_has_no_key_that_there_is_not() -> None:
    tables = tomllib.loads(uncommented(SHIPPED.read_text()))
    assert tables.keys() == KEYS.keys()
    assert all(set(keys) <= set(KEYS[table]) for table, keys in tables.items())


def test_every_line_left_out_of_the_shipped_preset_would_be_understood(
    preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/datalad/bogus").mkdir(parents=True)
    text = SHIPPED.read_text()
    for line in re.findall(r"(?m)^#[a-z].*$", text):
        alone = text.replace(line, line[1:])
        if line.startswith("#runner"):  # names another runner than use_hawkears does
            alone = alone.replace("use_hawkears = true\n", "")
        read_preset(preset(alone))


def test_the_shipped_preset_makes_this_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data/datalad/bogus"
    root.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert read_preset(SHIPPED) == InferRequest(
        manifest=root / "manifests/GNWT-290.csv",
        runner="hawkears",
        max_gpus=2,
        hawkears_args=("--min_score", "0.7"),
    )


def test_every_key_reaches_the_request(preset) -> None:
    path = preset(
        '[runner]\nmanifest = "m/a b.csv"\nrunner_cmd = "listen --fast"\nmax_gpus = 0\n'
        "cpu_workers = 3\nchunks_per_gpu = 2\ngpu_only = true\n"
        'output_dir = "out"\nmax_retries = 0\ntimeout = 90\n'
        'telemetry_log = "log.jsonl"\nresume_summary = "s.json"\nkeep_going = true\nrerun = true\n'
        "rerun_finished = true\nreplace = true\n"
        'scheduler_address = "tcp://h:1"\ncluster_profile = "c.toml"\nmin_confidence = 0.5\n'
    )
    assert read_preset(path) == InferRequest(
        manifest=Path("m/a b.csv"),
        runner="command",
        runner_cmd="listen --fast",
        max_gpus=0,
        cpu_workers=3,
        chunks_per_gpu=2,
        gpu_only=True,
        output_dir=Path("out"),
        max_retries=0,
        timeout_s=90,
        telemetry_log=Path("log.jsonl"),
        resume_summary=Path("s.json"),
        keep_going=True,
        rerun=True,
        rerun_finished=True,
        replace=True,
        scheduler_address="tcp://h:1",
        cluster_profile=Path("c.toml"),
        min_confidence=0.5,
    )


def test_a_manifest_alone_is_the_plain_command(preset) -> None:
    assert read_preset(preset('runner.manifest = "m.csv"')) == InferRequest(manifest=Path("m.csv"))


def test_arguments_for_hawkears_rest_while_another_listens(preset) -> None:
    path = preset('[runner]\nmanifest = "m"\nuse_hawkears = false\n[hawkears]\nextra_args = ["-x"]')
    assert read_preset(path).hawkears_args == ()


def test_relative_paths_start_from_dataset_root_and_absolute_ones_stay(
    preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dä ta").mkdir()
    request = read_preset(
        preset(
            '[paths]\ndataset_root = "dä ta"\n[runner]\nmanifest = "m.csv"\n'
            'output_dir = "/out"\ntelemetry_log = "../log.jsonl"\n'
        )
    )
    assert request.manifest == tmp_path / "dä ta" / "m.csv"
    assert request.output_dir == Path("/out")
    assert request.telemetry_log == tmp_path / "log.jsonl"


def test_a_tilde_means_home(preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/of me")
    assert read_preset(preset('[runner]\nmanifest = "~/m"')).manifest == Path("/home/of me/m")


def test_paths_written_from_the_working_directory_beside_dataset_root_are_explained(
    preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/m.csv").touch()
    path = preset('[runner]\nmanifest = "d/m.csv"\n[paths]\ndataset_root = "d"')
    with pytest.raises(UsageError, match=r"toml:2: .*not in dataset_root.*start from dataset_root"):
        read_preset(path)


HEAD = '[runner]\nmanifest = "m"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "cpu_worker = 1", r":3: there is no key cpu_worker .*mean cpu_workers\?"),
        (HEAD + "cpu-workers = 1", r":3: .*mean cpu_workers\?"),
        (HEAD + "timeout_s = 1", r":3: .*mean timeout\?"),
        (HEAD + "extra_args = []", r":3: .*mean extra_args in \[hawkears\]\?"),
        (HEAD + "hawkears_arg = []", r":3: .*mean extra_args in \[hawkears\]\?"),
        (HEAD + '"zz zz" = 1', r":3: there is no key zz zz in \[runner\]. Known in \[runner\]: ma"),
        (HEAD + "[hawkear]\nextra_args = []", r":3: there is no table .*mean \[hawkears\]\?"),
        (HEAD + "[x.y]\nz = 1", r"there is no table \[x\]"),
        ('manifest = "m"', r":1: manifest stands in no table. Did you mean manifest in \[runner\]"),
        ("[[runner]]\nmanifest = 'm'", r":1: runner is no table"),
        ("runner = 3", r":1: runner is no table"),
        ("", r"preset.toml: \[runner\] lacks its manifest"),
        ("\n[runner]\n", r":2: \[runner\] lacks its manifest"),
        (HEAD + 'max_gpus = "2"', r":3: max_gpus is not a whole number. Give .*without quotes"),
        (HEAD + "max_gpus = true", r":3: max_gpus is not a whole number"),
        (HEAD + "max_gpus = 1.5", r":3: max_gpus is not a whole number"),
        (HEAD + "use_hawkears = 1", r":3: use_hawkears is not true or false"),
        (HEAD + "timeout = 2026-01-01", r":3: timeout is not a number"),
        (HEAD + "output_dir = 3", r":3: output_dir is not a path in quotes"),
        (HEAD + "output_dir = ''", r":3: output_dir is empty"),
        (HEAD + 'output_dir = "\\u0000"', r":3: output_dir holds a NUL"),
        (HEAD + f"timeout = 1{'0' * 400}", r":3: timeout is too large"),
        (HEAD + f"timeout = 1{'0' * 5000}", r"not readable as TOML"),
        (HEAD + '[hawkears]\nextra_args = "--x"', r":4: extra_args is not a list of texts"),
        (HEAD + "[hawkears]\nextra_args = ['-x', 1]", r":4: extra_args is not a list of texts"),
        (HEAD + '[hawkears]\nextra_args = ["\\u0000"]', r":4: extra_args holds a NUL"),
        (HEAD + "runner = 'parrot'", r":3: runner: there is no runner 'parrot'"),
        (HEAD + "runner_cmd = 'x'\nuse_hawkears = true", r"runner_cmd and use_hawkears name diff"),
        (HEAD + "[paths]\ndataset_root = 'nowhere'", r":4: dataset_root .*nowhere is no folder"),
        (HEAD + f"[paths]\ndataset_root = '{'x' * 5000}'", r":4: dataset_root .* is no folder"),
        (HEAD + "rerun = ~", r"preset.toml:3: is not readable as TOML"),
        ("[runner]\nmanifest = 'm", r"preset.toml:2: is not readable as TOML"),
        ("[runner]\na = [\n1,\n", r"preset.toml:\d: is not readable as TOML"),
        ("x = " + "[" * 50_000, r"not readable as TOML"),
        (b"[runner]\n\xff", r"preset.toml:2: is not UTF-8"),
        (b"\0", r"preset.toml:1: is not readable as TOML"),
        (b"#" * (2 << 20), r"larger than 1 MiB"),
    ],
)
def test_bad_presets_are_refused_by_place(preset, text, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        read_preset(preset(text))
    assert len(str(refused.value)) < 7000


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf[runner]\r\nmanifest = 'm'\r\n"])
def test_an_editor_on_windows_does_no_harm(preset, text: bytes) -> None:
    assert read_preset(preset(text)).manifest == Path("m")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such preset"):
        read_preset(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_preset(tmp_path)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read_preset(Path("/dev/zero"))


def test_a_preset_may_come_from_a_pipe() -> None:
    read, write = os.pipe()
    os.write(write, b"[runner]\nmanifest = 'm'")
    os.close(write)
    assert read_preset(Path(f"/dev/fd/{read}")).manifest == Path("m")
    os.close(read)
