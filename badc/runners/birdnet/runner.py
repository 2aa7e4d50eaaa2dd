"""``--runner birdnet``: one process with an open model per slot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.detections import DetectionFormError, Heard, detections_from
from badc.errors import AttemptError, ChunkUnreadableError, UsageError
from badc.manifest import Chunk
from badc.runners.birdnet.model import ModelFiles, find_model
from badc.runners.expected import Expected
from badc.runners.fingerprint import fingerprint_of
from badc.runners.protocol import Desk
from badc.runners.resident import OPENING_S, Resident


@dataclass(frozen=True)
class BirdnetRunner:
    """BirdNET V2.4 on the CPU.

    Attributes:
        min_confidence: what is heard with less is left out.
    """

    min_confidence: float = 0.25
    kind = "birdnet"
    opening_limit_s = OPENING_S

    def check(self) -> None:
        """See :class:`badc.runners.protocol.Runner`."""
        if not 0 < self.min_confidence <= 1:
            raise UsageError(
                f"--min-confidence {self.min_confidence:g} is not above 0 and at most 1.",
                "Use 0.25, for example.",
            )
        find_model()

    def fingerprint(self) -> str:
        """See :class:`badc.runners.protocol.Runner`."""
        model = find_model().identity()
        return fingerprint_of(self.kind, model=model, min_confidence=float(self.min_confidence))

    def __str__(self) -> str:
        """Return it with its settings."""
        return f"BirdNET, confidence {self.min_confidence:g}"

    def open(self, desk: Desk) -> "OpenBirdnet":
        """See :class:`badc.runners.protocol.Runner`."""
        return OpenBirdnet(find_model(), self.min_confidence, desk)


class OpenBirdnet:
    """BirdNET at work in one slot."""

    def __init__(self, model: ModelFiles, min_confidence: float, desk: Desk) -> None:
        self._version = model.version
        self._expected = Expected()
        self._resident = Resident.of_module(
            desk,
            "badc.runners.birdnet.listener",
            [
                f"--network={model.network}",
                f"--labels={model.labels}",
                f"--min-confidence={min_confidence!r}",
                f"--threads={desk.threads}",
            ],
        )
        self._resident.open()

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        self._expected.tell(chunks)

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        del raw_dir
        following = next((str(each.path) for each in self._expected.after(chunk)), None)
        answer = self._resident.ask({"audio": str(chunk.path), "next": following}, timeout_s)
        if "unreadable" in answer:
            raise ChunkUnreadableError(
                f"{chunk.path}: {answer['unreadable']}.",
                "Cut the recording again, or take the chunk out of the manifest.",
            )
        try:
            return Heard(detections_from(answer), model_version=self._version)
        except DetectionFormError as error:
            raise AttemptError(f"BirdNET's answer about {chunk.path}: {error.message}") from None

    def close(self) -> None:
        """See :class:`badc.runners.protocol.OpenRunner`."""
        self._resident.close()
