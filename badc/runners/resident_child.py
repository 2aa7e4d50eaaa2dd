"""The child's side of :mod:`badc.runners.resident`.

It needs nothing but Python, so that it also works under an interpreter without BADC.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


def serve(load: Callable[[], Callable[[Answer], Answer]]) -> None:
    """Load a model, then answer questions, one line each, until the parent closes its side.

    Args:
        load: loads the model and returns what answers a question. What it raises is reported as
            the reason why the model cannot be loaded. What the answering raises ends the process:
            no one knows what state the model is in then.
    """
    # Libraries print to standard output. Answers keep the pipe for themselves; prints go to stderr.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(answer: Answer) -> None:
        sys.stdout.flush()  # what was said about a question stands before its answer
        sys.stderr.flush()
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()

    try:
        hear = load()
    except Exception as error:  # noqa: BLE001 - whatever a model's libraries raise
        traceback.print_exc()
        send({"fault": f"{type(error).__name__}: {error}"})
        return
    send({"ready": True})
    for line in sys.stdin.buffer:
        try:
            answer = hear(json.loads(line))
        except BaseException:  # noqa: BLE001 - whatever a model's libraries raise
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)  # at once: to take down large libraries may take long, or never end
        send(answer)
