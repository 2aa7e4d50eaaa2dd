"""The process that keeps BirdNET open: ``python -m badc.runners.birdnet.listener``.

A question is ``{"audio": path, "next": path}``, where ``next`` is what will be asked about next, as
far as known. An answer is ``{"detections": [...]}`` or ``{"unreadable": why}``.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from badc.runners.birdnet.ahead import DecodingAhead
from badc.runners.birdnet.model import RATE_HZ, WINDOW_SAMPLES
from badc.runners.birdnet.windows import UnreadableAudioError
from badc.runners.resident_child import Answer, serve

_LARGEST_LOGIT = 15.0  # beyond it the sigmoid is 0 or 1 to six digits


class Birdnet:
    """An open model. For one thread at a time."""

    def __init__(self, network: Path, labels: Path, min_confidence: float, threads: int) -> None:
        self._names = [line.split("_", 1) for line in labels.read_text("utf-8").splitlines()]
        self._min_confidence = min_confidence
        self._ahead = DecodingAhead()
        self._interpreter = Interpreter(model_path=str(network), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def answer(self, question: Answer) -> Answer:
        """Answer one question."""
        following = question.get("next")
        then = None if following is None else Path(following)
        try:
            return {"detections": list(self._hear(Path(question["audio"]), then))}
        except UnreadableAudioError as error:
            return {"unreadable": str(error)}

    def _hear(self, audio: Path, then: Path | None) -> Iterator[dict[str, Any]]:
        start = 0
        for samples, heard in self._ahead.windows(audio, then):
            confidences = self._confidences(samples)
            for index in np.flatnonzero(confidences >= self._min_confidence):
                scientific, common = self._names[index]
                yield {
                    "timestamp_ms": round(1000 * start / RATE_HZ),
                    "end_ms": round(1000 * (start + heard) / RATE_HZ),
                    "label": common,
                    "label_name": common,
                    "confidence": round(float(confidences[index]), 4),
                    "scientific_name": scientific,
                }
            start += WINDOW_SAMPLES

    def _confidences(self, samples: Any) -> Any:  # noqa: ANN401 - numpy arrays
        self._interpreter.set_tensor(self._input, samples[np.newaxis])
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._output)[0]
        return 1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT)))


def main() -> None:
    """Load the model named on the command line and answer until the parent has enough."""
    words = argparse.ArgumentParser()
    words.add_argument("--network", type=Path, required=True)
    words.add_argument("--labels", type=Path, required=True)
    words.add_argument("--min-confidence", type=float, required=True)
    words.add_argument("--threads", type=int, required=True)
    given = words.parse_args()

    def load() -> Callable[[Answer], Answer]:
        return Birdnet(given.network, given.labels, given.min_confidence, given.threads).answer

    serve(load)


if __name__ == "__main__":
    main()
