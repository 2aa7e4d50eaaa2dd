"""What recordings and drivers say: names, GUANO, the list of GPUs."""

import struct
from pathlib import Path

from badc.hardware.driver import parse_inventory
from badc.manifest.chunk import id_fault
from badc.meta import load_rules
from tests.fuzz.inventing import odd_text
from tests.fuzz.target import Target

_NAMES = (
    "S4A12345_20240310_013000.wav", "SM2_0+1_20240310$013000.flac", "20240310_013000T.WAV",
    "5F3A1B2C.WAV", "20240310T013000-0700_REC [+1.5-2.5].wav", "00112233445566AA_20240310_013000",
    "99991231T235959-2359_REC.wav", "00010101_000000.wav", "REC_99991231_235959_chunk_0_60000",
)  # fmt: skip
_GUANO = (
    "GUANO|Version: 1.0\nTimestamp: 2024-03-10T01:30:00-07:00\nMake: x\n",
    "Timestamp: 9999-12-31T23:59:59\n",
    "Timestamp: 0001-01-01T00:00:00+14:00\n",
)
_GPUS = ("0, GPU-1, A100, 40536 MiB\n1, GPU-2, A100, 40536\n",)
_RULES = tuple(
    load_rules(None, zone)
    for zone in (None, "America/Yellowknife", "-07:00", "+14:00", "Australia/Lord_Howe")
)


def _read_name(path: Path) -> bool:
    name = path.read_bytes().decode("utf-8", "surrogateescape")
    starts = [rules.start(name) for rules in _RULES]
    for start in starts:
        _ = start and start.isoformat()
    id_fault(name)
    return any(starts)


def _read_guano(path: Path) -> bool:
    """Read a WAV whose GUANO, and now and then whose form, is the input's."""
    raw = path.read_bytes()
    if not raw.startswith(b"RIFF"):
        raw = b"RIFF\xff\0\0\0WAVEguan" + struct.pack("<I", len(raw)) + raw
    path.write_bytes(raw)
    starts = [rules.start("no time.wav", audio=path) for rules in _RULES]
    for start in starts:
        _ = start and start.isoformat()
    return any(starts)


def _read_gpus(path: Path) -> bool:
    gpus = parse_inventory(path.read_bytes().decode("utf-8", "replace"))
    assert all(gpu.memory_mib >= 0 for gpu in gpus)
    return bool(gpus)


RECORDINGS = (
    Target("recorder names", "name", odd_text, _NAMES, _read_name),
    Target("GUANO", "rec.wav", odd_text, _GUANO, _read_guano),
    Target("nvidia-smi's list", "gpus.csv", odd_text, _GPUS, _read_gpus),
)
