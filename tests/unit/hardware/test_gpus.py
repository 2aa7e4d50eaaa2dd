"""Against a stand-in for nvidia-smi: a real program on PATH that answers as the real one does."""

import pytest

from badc.hardware import Gpu, find_gpus
from badc.hardware.gpu import visible

TWO = "0, GPU-aaaa1111, Tesla V100-SXM2-32GB, 32768\n1, GPU-bbbb2222, Tesla V100-SXM2-32GB, 32768\n"
GPUS = (Gpu(0, "GPU-aaaa1111", "A", 1), Gpu(1, "GPU-aaaa2222", "A", 1), Gpu(2, "GPU-cccc", "C", 2))


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Puts a program of that name on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def install(lines: str) -> None:
        program = tmp_path / "nvidia-smi"
        program.write_text(lines)
        program.chmod(0o755)

    return install


def answering(text: str) -> str:
    return f"#!/bin/sh\n/bin/cat <<'END'\n{text.rstrip()}\nEND\n"


def test_without_a_driver_there_are_no_gpus(nvidia_smi):
    del nvidia_smi
    assert find_gpus().gpus == ()
    assert find_gpus().diagnosis.startswith("No NVIDIA driver here: neither its library NVML nor ")


def test_the_driver_s_gpus_are_found(nvidia_smi):
    nvidia_smi(answering(TWO))
    found = find_gpus()
    assert [(gpu.index, gpu.uuid, gpu.memory_mib) for gpu in found.gpus] == [
        (0, "GPU-aaaa1111", 32768),
        (1, "GPU-bbbb2222", 32768),
    ]
    assert found.diagnosis.startswith("GPUs: #0 Tesla V100-SXM2-32GB (32768 MiB), #1 ")


def test_only_what_is_needed_is_asked(nvidia_smi):
    nvidia_smi('#!/bin/sh\necho "$@" >&2\nexit 1\n')
    said = find_gpus().diagnosis
    assert "--query-gpu=index,uuid,name,memory.total --format=csv,noheader,nounits" in said


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("No devices were found\n", 0),
        ("index, uuid, name, memory.total [MiB]\n" + TWO, 2),
        ("warning: persistence mode is off\n\n" + TWO, 2),
        (TWO.replace("32768", "[N/A]"), 2),
        (TWO.replace("32768", "32768 MiB"), 2),
        (TWO.replace("\n", "\r\n"), 2),
        ('0, GPU-a, "Quadro, odd", 1\n', 1),
        ("0, GPU-a, Name\n", 0),
        ("², GPU-a, Name, 1\n", 0),
        ("-1, GPU-a, Name, 1\n", 0),
        ("0, GPU-a, Name, ²\n", 1),
        ("0, GPU-a, Näme, 5\n", 1),
    ],
    ids=repr,
)
def test_odd_answers_give_the_gpus_that_can_be_read(nvidia_smi, text, count):
    nvidia_smi(answering(text))
    assert len(find_gpus().gpus) == count


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("#!/bin/sh\necho 'no reason' >&2\nexit 4\n", "failed (exit 4): no reason"),
        ("#!/bin/sh\necho 'couldn'\\''t talk to the driver'\nexit 9\n", "couldn't talk to"),
        ("#!/bin/sh\necho Insufficient Permissions\nexit 4\n", "denies access to the GPUs"),
        ("#!/bin/sh\necho 'It failed.\nYou lack suffient permissions.'\nexit 4\n", "denies access"),
        ("#!/bin/sh\necho No devices were found\nexit 6\n", "The NVIDIA driver lists no GPU."),
        (
            "#!/bin/sh\ntrap '' TERM\nwhile :; do /bin/sleep 600; done\n",
            "nvidia-smi does not answer (waited 10 s): the NVIDIA driver hangs; see dmesg.",
        ),
        ("#!/bin/sh\necho Driver/library version mismatch\nexit 1\n", "different versions"),
        ("#!/bin/sh\nexit 9\n", "no reason given"),
        ("#!/bin/sh\nkill -SEGV $$\n", "failed (exit -11)"),
        ("no program\n", "cannot be started (Exec format error)"),
        ("#!/no/such/shell\n", "cannot be started"),
    ],
)
def test_a_driver_that_fails_is_diagnosed_and_no_error(nvidia_smi, lines, said):
    nvidia_smi(lines)
    assert find_gpus().gpus == ()
    assert said in find_gpus().diagnosis


def test_bytes_that_are_no_text_do_no_harm(nvidia_smi):
    nvidia_smi("#!/bin/sh\nprintf '0, GPU-a, \\377\\000, 5\\n'\n")
    assert [gpu.index for gpu in find_gpus().gpus] == [0]


@pytest.mark.parametrize(
    ("setting", "indices"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("0", [0]),
        ("2,0", [2, 0]),
        (" 1 , 2 ", [1, 2]),
        ("-1", []),
        ("1,-1,0", [1]),
        ("0,0", [0]),
        ("9", []),
        ("0,9,1", [0]),
        ("GPU-cccc", [2]),
        ("GPU-c", [2]),
        ("GPU-aaaa", []),
        ("GPU-aaaa2,0", [1, 0]),
        ("GPU-", []),
        ("MIG-1", []),
        ("NoDevFiles", []),
        ("²", []),
        ("0;1", []),
    ],
)
def test_cuda_visible_devices_is_obeyed_as_cuda_does(setting, indices):
    assert [gpu.index for gpu in visible(GPUS, setting)] == indices


def test_hidden_devices_are_told(nvidia_smi, monkeypatch):
    nvidia_smi(answering(TWO))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "CUDA_VISIBLE_DEVICES allows 1 of 2 GPUs: #1" in find_gpus().diagnosis
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert find_gpus().diagnosis == "CUDA_VISIBLE_DEVICES allows 0 of 2 GPUs."
