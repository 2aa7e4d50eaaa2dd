"""One ``badc chunk probe``: what it prints, and how it ends."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from badc.chunking.recording import open_recording
from badc.chunking.sampling import sampling_of
from badc.cli.console import say, warn
from badc.cli.last_words import show_last_words
from badc.cli.signals import ending_on_signals
from badc.errors import BadcError, RunFailedError
from badc.hardware import find_gpus
from badc.probing import (
    Attempt,
    Estimate,
    Finding,
    ProbePlan,
    ProbeRequest,
    choose_slot,
    claim_log,
    estimate,
    plan_probe,
    probe,
)
from badc.telemetry import LogWriter


def tell_estimate(file: Path, gpu_index: int | None, *, as_json: bool) -> None:
    """Print what the rule of thumb says.

    Raises:
        UsageError: the recording cannot be opened, or there is no such GPU.
    """
    slot = choose_slot(find_gpus(), gpu_index)
    with open_recording(file) as recording:
        guess = estimate(sampling_of(recording), slot.gpu)
    if as_json:
        say(json.dumps({"estimate": _figures(guess)}, indent=2))
    else:
        say(_estimate_line(guess))


def carry_out(request: ProbeRequest, *, as_json: bool) -> None:
    """Probe, and tell the terminal about it; with ``as_json`` on standard error.

    Raises:
        BadcError: the request cannot be carried out, an attempt failed for a reason that is no
            answer, or not even a short chunk fits.
        KeyboardInterrupt, Terminated: the probe was broken off.
    """
    tell = warn if as_json else say
    inventory = find_gpus()
    plan = plan_probe(request, inventory)
    path = claim_log(plan)
    tell(inventory.diagnosis)
    if plan.slot.gpu is None:
        tell("No GPUs detected; probing on the CPU, for the host's memory.")
    tell(_estimate_line(plan.estimate))
    tell(f"Log: {path}")
    with ending_on_signals(once=True), LogWriter(path, "--log") as log:
        try:
            finding = probe(plan, log, lambda attempt: tell(_attempt_line(attempt)))
        except BadcError as error:
            show_last_words(error)
            raise
    if as_json:
        attempts = [attempt.to_json() for attempt in finding.attempts]
        answer = {"log": str(path), "estimate": _figures(plan.estimate), "attempts": attempts}
        say(json.dumps({**finding.to_json(), **answer}, indent=2))
    _conclude(plan, finding, tell)


def _conclude(plan: ProbePlan, finding: Finding, tell: Any) -> None:  # noqa: ANN401 - say or warn
    if finding.longest_s is None:
        last = finding.attempts[-1]
        raise RunFailedError(
            f"{finding.recording}: not even a chunk of {last.duration_s:g} s fits on"
            f" {plan.slot.label} ({last.reason}).",
            "Let other programs leave the device, choose another with --gpu-index, or give it more"
            " --timeout.",
        )
    if finding.runner == "stub":
        tell("Note: the stub runner listens to nothing, so this says nothing about memory.")
    length = f"{finding.longest_s:.12g}"
    if finding.too_long_s is None:
        tell(f"A chunk of {length} s fits, and that is {plan.most_is}; longer ones may fit too.")
    else:
        tell(f"A chunk of {length} s fits, one of {finding.too_long_s:.12g} s does not.")
    tell(f"Longest that fits: --chunk-duration {length}")


def _attempt_line(attempt: Attempt) -> str:
    answer = "fits" if attempt.fits else f"does not fit, {attempt.reason}"
    return f"{attempt.duration_s:.12g} s: {answer} ({attempt.runtime_s:.1f} s)"


def _estimate_line(guess: Estimate) -> str:
    if guess.longest_s is None:
        return (
            f"Estimate: a chunk of 60 s takes {guess.mib(60):.1f} MiB;"
            " there is no GPU to compare it with."
        )
    gpu = guess.gpu
    assert gpu is not None  # noqa: S101 - or there would be no longest_s
    return (
        f"Estimate: chunks up to {guess.longest_s:.0f} s, by {guess.mib(1):.2f} MiB a second"
        f" and 80 % of the {gpu.memory_mib} MiB of GPU #{gpu.index}."
    )


def _figures(guess: Estimate) -> dict[str, Any]:
    return {
        "bytes_per_s": guess.bytes_per_s,
        "longest_s": guess.longest_s,
        "gpu": None if guess.gpu is None else asdict(guess.gpu),
    }
