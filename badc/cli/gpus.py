"""``badc gpus``: the GPUs that a run would use."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from badc.cli.console import say


def gpus(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with UUIDs and MIG slices.")
    ] = False,
) -> None:
    """List the GPUs that a run would use, or say in one line why there are none.

    A CUDA_VISIBLE_DEVICES already set is obeyed. Without any GPU, a run goes on with one CPU
    worker.
    """
    from badc.hardware import find_gpus

    inventory = find_gpus()
    if as_json:
        devices = [{**asdict(gpu), "cuda_visible_devices": gpu.cuda_name} for gpu in inventory.gpus]
        say(json.dumps({"gpus": devices, "diagnosis": inventory.diagnosis}, indent=1))
        return
    for gpu in inventory.gpus:
        say(f" - #{gpu.number}: {gpu.name} ({gpu.memory_mib} MiB)")
    if inventory.remark:
        say(inventory.remark)
