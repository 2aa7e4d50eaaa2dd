"""BirdNET with nothing around it: ``python -m benchmarks._bare_birdnet THREADS CHUNK …``.

Each thread has an interpreter of its own and takes the next chunk when it has heard one. Prints, as
JSON, the seconds from the first chunk to the last (models are loaded before), and what was heard:
``[chunk, start in ms, label, confidence]``. It shares no code with BADC's runner but the place of
the model.
"""

import json
import queue
import sys
import threading
import time
from pathlib import Path

import numpy as np
import soundfile
import soxr
from ai_edge_litert.interpreter import Interpreter

from badc.runners.birdnet.model import RATE_HZ, WINDOW_SAMPLES, find_model

_MIN_CONFIDENCE = 0.25


class Net:
    """One interpreter."""

    def __init__(self, network: Path) -> None:
        self._interpreter = Interpreter(model_path=str(network), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def logits(self, window: np.ndarray) -> np.ndarray:
        """Return one window's logits, a number for each label."""
        self._interpreter.set_tensor(self._input, window[np.newaxis])
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0]


def hear(net: Net, labels: list[str], path: Path) -> list[list[object]]:
    """Listen to one chunk, decoded whole."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ)
    mono = np.pad(mono, (0, -len(mono) % WINDOW_SAMPLES))
    heard: list[list[object]] = []
    for number, window in enumerate(mono.reshape(-1, WINDOW_SAMPLES)):
        confidences = 1 / (1 + np.exp(-net.logits(window)))
        heard += [
            [path.stem, 3000 * number, labels[index], round(float(confidences[index]), 4)]
            for index in np.flatnonzero(confidences >= _MIN_CONFIDENCE)
        ]
    return heard


def main() -> None:
    """Listen to the chunks named on the command line."""
    model = find_model()
    labels = [line.split("_", 1)[1] for line in model.labels.read_text("utf-8").splitlines()]
    chunks: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for word in sys.argv[2:]:
        chunks.put(Path(word))
    heard: list[list[object]] = []

    def listen(net: Net) -> None:
        while True:
            try:
                chunk = chunks.get_nowait()
            except queue.Empty:
                return
            heard.extend(hear(net, labels, chunk))

    nets = [Net(model.network) for _ in range(int(sys.argv[1]))]
    threads = [threading.Thread(target=listen, args=(net,)) for net in nets]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"span_s": time.perf_counter() - began, "heard": heard}))


if __name__ == "__main__":
    main()
