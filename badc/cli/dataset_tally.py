"""What a whole dataset's run came to, in one line."""

from dataclasses import dataclass, field

from badc.orchestration import DatasetPlan, PlannedRecording
from badc.runs import RunCounts


@dataclass
class DatasetTally:
    """The recordings of a plan, and what became of the chunks of each one that was begun."""

    plan: DatasetPlan
    _counts: dict[str, RunCounts] = field(default_factory=dict)

    def add(self, recording_id: str, counts: RunCounts) -> None:
        """Take in the run of one recording."""
        self._counts[recording_id] = counts

    def __str__(self) -> str:
        parts = [self._of(recording) for recording in self.plan.recordings]
        finished = sum(part.done == part.chunks for part in parts)
        broken = f", {len(self.plan.broken)} unreadable" if self.plan.broken else ""
        return (
            f"Dataset {self.plan.dataset.name}: {finished} of {len(parts)} recordings heard,"
            f" {len(self.plan.done)} already done{broken}; {sum(parts, RunCounts()).sentence}."
        )

    def _of(self, recording: PlannedRecording) -> RunCounts:
        unbegun = RunCounts(chunks=len(recording.chunks))
        return self._counts.get(recording.plan.recording_id, unbegun)
