"""The GPUs that BADC may use here, and one line about them for people."""

import os
from dataclasses import dataclass

from badc.hardware.driver import DriverAnswer, ask_driver
from badc.hardware.gpu import Gpu, visible


@dataclass(frozen=True, slots=True)
class GpuInventory:
    """The devices BADC may use.

    Attributes:
        gpus: in the order in which they are taken.
        remark: what people should know beside the list; why there is none, say. Empty if nothing.
    """

    gpus: tuple[Gpu, ...]
    remark: str = ""

    @property
    def diagnosis(self) -> str:
        """One line: the devices and the remark."""
        if not self.gpus:
            return self.remark
        return f"{self.remark or 'GPUs'}: {', '.join(map(str, self.gpus))}"


def find_gpus() -> GpuInventory:
    """Ask the driver which GPUs there are, obeying a ``CUDA_VISIBLE_DEVICES`` already set.

    A missing driver, one that denies access and one that hangs each give no devices and a
    remark that says so; none of them is an error, because a CPU can do the work.
    """
    answer = ask_driver()
    if not answer.gpus:
        return GpuInventory((), answer.fault)
    gpus = visible(answer.gpus, os.environ.get("CUDA_VISIBLE_DEVICES"))
    return GpuInventory(gpus, _remark(answer, len(gpus)))


def _remark(answer: DriverAnswer, allowed: int) -> str:
    remark = ""
    if allowed < len(answer.gpus):
        remark = f"CUDA_VISIBLE_DEVICES allows {allowed} of {len(answer.gpus)} GPUs"
    if answer.unusable:
        lost = ", ".join(f"#{number} ({why})" for number, why in answer.unusable)
        remark = f"{remark or 'GPUs'} without {lost}"
    return remark if allowed else f"{remark}."
