"""What the NVIDIA driver says about this host's GPUs: by NVML, else by ``nvidia-smi``."""

import csv
import json
import os
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from badc.hardware.gpu import Gpu
from badc.interpreter import finding_badc, module_command
from badc.process import Finished, ProcessDoor, ProgramMissingError

_FIELDS = ("index", "uuid", "name", "memory.total")
_LIMIT_S = 10.0  # of each of the two
_GIVEN_UP_S = 3.0
_MOST_DIGITS = 12  # a longer number counts neither devices nor MiB

_NO_DEVICE = "The NVIDIA driver lists no GPU."
_FAULTS = (
    (
        re.compile(r"permission", re.IGNORECASE),  # nvidia-smi has several ways to say it
        "The NVIDIA driver denies access to the GPUs (Insufficient Permissions).",
    ),
    (
        re.compile(r"version mismatch", re.IGNORECASE),
        "The NVIDIA driver and its library are of different versions; restart this machine.",
    ),
    (
        re.compile(r"driver not loaded|communicate with the NVIDIA driver", re.IGNORECASE),
        "The NVIDIA driver is installed, but not loaded; load it (modprobe nvidia) or restart.",
    ),
    (re.compile(r"no devices were found", re.IGNORECASE), _NO_DEVICE),
)
_MISSING = "No NVIDIA driver here: neither its library NVML nor nvidia-smi was found."
_HANGS = f"{{}} does not answer (waited {_LIMIT_S:.0f} s): the NVIDIA driver hangs; see dmesg."


@dataclass(frozen=True, slots=True)
class DriverAnswer:
    """All devices of this host.

    Attributes:
        gpus: those that can be used, whatever ``CUDA_VISIBLE_DEVICES`` says.
        fault: a sentence about why there are none; empty where there are some.
        unusable: device -> the driver's word on why it cannot be used.
    """

    gpus: tuple[Gpu, ...]
    fault: str = ""
    unusable: tuple[tuple[str, str], ...] = ()


def ask_driver() -> DriverAnswer:
    """Ask for the devices, once per process: a driver that hangs costs its time limit once."""
    return _ask(os.environ.get("PATH"), os.environ.get("LD_LIBRARY_PATH"))


@cache
def _ask(path: str | None, libraries: str | None) -> DriverAnswer:
    """Ask where programs and libraries are found along these."""
    del path, libraries
    by_nvml, sure = _ask_nvml()
    program = None if sure else shutil.which("nvidia-smi")
    if program is None:
        return by_nvml
    by_smi = _ask_smi(program)
    return by_smi if by_smi.gpus or by_nvml.fault == _MISSING else by_nvml


def _ask_nvml() -> tuple[DriverAnswer, bool]:
    """Return NVML's answer, and whether it is the last word.

    Where the library is missing or broken, or fails for no known reason, nvidia-smi may know more.
    """
    ended = _run(module_command("badc.hardware.nvml_child"))
    if ended is None:
        return DriverAnswer((), _HANGS.format("NVML")), True
    try:
        answer: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        failed = f"NVML failed (exit {ended.returncode}): {_words(ended)}"
        return DriverAnswer((), failed), False
    if answer.get("missing"):
        return DriverAnswer((), _MISSING), False
    if "fault" in answer:
        unknown = f"NVML failed: {answer['fault']}."
        told = _sentence(answer["fault"], unknown)
        return DriverAnswer((), told), told != unknown
    return _listed(answer), True


def _listed(answer: dict[str, Any]) -> DriverAnswer:
    gpus = tuple(Gpu(**each) for each in answer["gpus"])
    unusable = tuple(answer["unusable"].items())
    if gpus or not unusable:
        return DriverAnswer(gpus, "" if gpus else _NO_DEVICE, unusable)
    why = unusable[0][1]
    return DriverAnswer((), _sentence(why, f"No GPU can be used: {why}."))


def _ask_smi(program: str) -> DriverAnswer:
    query = [program, f"--query-gpu={','.join(_FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        ended = _run(query)
    except ProgramMissingError as error:
        return DriverAnswer((), error.message)
    if ended is None:
        return DriverAnswer((), _HANGS.format("nvidia-smi"))
    if ended.returncode != 0:
        failed = f"nvidia-smi failed (exit {ended.returncode}): {_words(ended)}"
        return DriverAnswer((), _sentence(f"{ended.stderr}\n{ended.stdout}", failed))
    gpus = parse_inventory(ended.stdout)
    return DriverAnswer(gpus, "" if gpus else _NO_DEVICE)


def parse_inventory(text: str) -> tuple[Gpu, ...]:
    """Read the CSV that :data:`_FIELDS` asks for; lines of another form are passed over."""
    gpus = []
    for cells in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(cells) == len(_FIELDS) and _is_number(cells[0].strip()):
            index, uuid, name, memory = (cell.strip() for cell in cells)
            mib = memory.removesuffix("MiB").strip()
            gpus.append(Gpu(int(index), uuid, name, int(mib) if _is_number(mib) else 0))
    return tuple(gpus)


def _run(command: Sequence[str]) -> Finished | None:
    """Run a program that asks the driver; None when it takes too long.

    It is waited for in a thread that can be left behind: what hangs inside the driver cannot be
    killed, and so not be waited for either.
    """
    ended: list[Finished] = []
    failed: list[ProgramMissingError] = []

    def run() -> None:
        environment = finding_badc(os.environ)
        try:
            ended.append(ProcessDoor().run(command, env=environment, timeout_s=_LIMIT_S))
        except ProgramMissingError as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="badc-driver", daemon=True)
    thread.start()
    thread.join(_LIMIT_S + _GIVEN_UP_S)
    if failed:
        raise failed[0]
    return None if not ended or ended[0].timed_out else ended[0]


def _sentence(said: str, otherwise: str) -> str:
    return next((sentence for pattern, sentence in _FAULTS if pattern.search(said)), otherwise)


def _words(ended: Finished) -> str:
    return (ended.stderr.strip() or ended.stdout.strip() or "no reason given").splitlines()[0]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < _MOST_DIGITS
