"""A dataset's run told in Markdown, for somebody who has not watched it and opens no log."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.orchestration.command_line import orchestrate_command
from badc.orchestration.scan import DatasetPlan
from badc.requests import OrchestrateRequest
from badc.runs.markdown import command_block, plain, section, table
from badc.runs.paths import absolute

_LISTED = 500


@dataclass(frozen=True)
class DatasetReport:
    """What a report is made of.

    Attributes:
        request, plan: what was asked, and what was decided.
        heard: ids of recordings whose every chunk is done now.
        failed: ids of those that are not finished, of unreadable manifests, and of recordings
            that could not be cut, with the reason.
        ending: how the run ended, or ``still running``.
        caution: why the dataset's tables must not be counted as they are; empty if they may.
    """

    request: OrchestrateRequest
    plan: DatasetPlan
    heard: Sequence[str]
    failed: Mapping[str, str]
    ending: str
    caution: str = ""

    @property
    def settled_pct(self) -> float:
        """How much of the run is over, in percent of the chunks that were outstanding."""
        left = {recording.plan.recording_id for recording in self.plan.recordings}
        left -= {*self.heard, *self.failed}
        outstanding = all_chunks = 0
        for recording in self.plan.recordings:
            all_chunks += len(recording.outstanding)
            if recording.plan.recording_id in left:
                outstanding += len(recording.outstanding)
        return 100 * (1 - outstanding / all_chunks) if all_chunks else 100.0

    def __str__(self) -> str:
        finished = len(self.heard) + len(self.plan.done)
        failed = f", {len(self.failed):,} not finished" if self.failed else ""
        return f"{finished:,} of {self._recordings:,} recordings done{failed}"

    def markdown(self) -> str:
        """Return the report."""
        return "".join(
            [
                f"# {plain(self.plan.dataset.name)}\n\n**{self}**, {plain(self.ending)}.\n",
                section("Before counting", self.caution and f"{plain(self.caution)}\n"),
                section("Counts", table(("", ""), self._figures())),
                section("Not finished", table(("Recording", "Reason"), self._failed())),
                section("Recordings", self._listed()),
                section("Files", table(("", ""), self._files())),
                section("How to go on", self._next()),
            ]
        )

    @property
    def _recordings(self) -> int:
        planned = {recording.plan.recording_id for recording in self.plan.recordings}
        return len(planned.union(self.plan.done, self._broken, self.failed))

    @property
    def _broken(self) -> set[str]:
        return {path.stem for path, _ in self.plan.broken}

    def _figures(self) -> list[tuple[str, int]]:
        return [
            ("Recordings", self._recordings),
            ("Heard in this run", len(self.heard)),
            ("Done before", len(self.plan.done)),
            ("Not finished", len(self.failed)),
            ("Chunks to hear when it began", sum(len(r.outstanding) for r in self.plan.recordings)),
        ]

    def _failed(self) -> list[tuple[str, str]]:
        return list(self.failed.items())[:_LISTED]

    def _listed(self) -> str:
        heard, rows = set(self.heard), []
        for recording in self.plan.recordings[:_LISTED]:
            name = recording.plan.recording_id
            state = "not finished" if name in self.failed else "heard" if name in heard else "to do"
            rows.append((name, len(recording.chunks), len(recording.outstanding), state))
        more = len(self.plan.recordings) - _LISTED
        note = f"\n… and {more:,} more.\n" if more > 0 else ""
        return table(("Recording", "Chunks", "To hear when it began", "State"), rows) + note

    def _files(self) -> list[tuple[str, Path]]:
        dataset = self.plan.dataset
        return [
            ("Dataset", dataset),
            ("Detections (JSON)", self.plan.output_dir),
            ("Logs and summaries", dataset / self.request.telemetry_dir / "infer"),
        ]

    def _next(self) -> str:
        return "".join(self._steps())

    def _steps(self) -> Iterator[str]:
        if len(self.heard) < len(self.plan.recordings) or self._broken or self.failed:
            again = self.request.model_copy(update={"dataset": self.plan.dataset})
            here = shlex.quote(str(absolute(Path())))
            again_too = self.request.rerun
            yield f"What is done is {'' if again_too else 'not '}heard again:\n\n"
            yield command_block(f"cd {here} && {shlex.join(orchestrate_command(again))}")
            yield "\nThe next night, or 'badc chunk orchestrate', cuts what has no manifest.\n"
        else:
            folder = shlex.quote(str(self.plan.output_dir))
            yield "All is done. To make one table of it:\n\n"
            yield command_block(f"badc infer aggregate {folder}")
