"""A run told in Markdown, for somebody who has not watched it and opens no log."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from badc.requests import InferRequest
from badc.results import workers_path
from badc.runs.command_line import infer_command
from badc.runs.markdown import command_block, plain, section, table
from badc.runs.naming import run_title
from badc.runs.paths import absolute
from badc.runs.plan import InferPlan
from badc.runs.run_counts import RunCounts
from badc.telemetry import Highlights, RunView

_TOP_LABELS = 20


@dataclass(frozen=True)
class RunReport:
    """What a report is made of.

    Attributes:
        request, plan: what was asked, and what was decided.
        dataset: the dataset that the run counts to, or None.
        view, highlights: what the run's events add up to.
        elapsed_s: since the run began.
        ending: how the run ended (``broken off by Ctrl-C``), or ``still running``.
    """

    request: InferRequest
    plan: InferPlan
    dataset: Path | None
    view: RunView
    highlights: Highlights
    elapsed_s: float
    ending: str

    @property
    def counts(self) -> RunCounts:
        """The run in figures."""
        return RunCounts.of(len(self.plan.chunks), self.view, self.highlights)

    def markdown(self) -> str:
        """Return the report."""
        title = run_title(self.plan.manifest, self.dataset)
        return "".join(
            [
                f"# {plain(title)}\n\n**{self.counts}**, {plain(self.ending)}.\n",
                section("Counts", self._figures()),
                section(self._species_title(), self._species()),
                section("Failed chunks", self._failed()),
                section("Slowest chunks", self._slowest()),
                section("Files", self._files()),
                section("How to go on", self._next()),
            ]
        )

    def _figures(self) -> str:
        counts, speed = self.counts, self.highlights.audio_s / max(self.elapsed_s, 0.001)
        rows: list[tuple[str, int | float]] = [
            ("Chunks", counts.chunks),
            ("Heard in this run", counts.heard),
            ("Done before", counts.before),
            ("Failed", counts.failed),
            ("Left", counts.left),
            ("Detections", self.highlights.detections),
            ("Retries of chunks that ended well", counts.retries),
            ("Failed attempts", counts.failed_attempts),
            ("Minutes the run took", self.elapsed_s / 60),
            ("Minutes of audio heard", self.highlights.audio_s / 60),
            ("Seconds of audio heard per second", speed),
        ]
        return table(("", ""), rows)

    def _species_title(self) -> str:
        labels = self.highlights.labels
        more = len(labels) - _TOP_LABELS
        return f"Top species ({_TOP_LABELS} of {len(labels):,})" if more > 0 else "Species"

    def _species(self) -> str:
        """Count what was heard, in this run or before."""
        labels = self.highlights.labels
        rows = sorted(labels.items(), key=lambda item: (-item[1], item[0]))[:_TOP_LABELS]
        unnamed = self.highlights.detections - labels.total()
        if unnamed > 0:
            rows.append(("(rare labels of loud chunks)", unnamed))
        return table(("Label", "Detections"), rows)

    def _failed(self) -> str:
        failed = self.highlights.failed
        rows = [(each.key, each.worker, each.number, each.error) for each in failed]
        more = self.counts.failed - len(failed)
        note = f"\n… and {more:,} more, all of them in the summary.\n" if more > 0 else ""
        return table(("Chunk", "Worker", "Attempts", "Reason of the last one"), rows) + note

    def _slowest(self) -> str:
        rows = [
            (each.key, each.worker, each.number, f"{each.runtime_s:.2f} s")
            for each in self.highlights.slowest
        ]
        return table(("Chunk", "Worker", "Attempt", "Runtime"), rows)

    def _files(self) -> str:
        places: dict[str, Path] = {
            "Detections (JSON)": self.plan.output_dir,
            "Manifest": self.plan.manifest,
            "Telemetry log": self.plan.telemetry_log,
            "Summary": self.plan.summary,
            "Workers CSV": workers_path(self.plan.summary),
        }
        return table(("", ""), list(places.items()))

    def _next(self) -> str:
        return "".join(self._steps())

    def _steps(self) -> Iterator[str]:
        if self.counts.done < self.counts.chunks:
            done = "heard again" if self.request.rerun else "not heard again"
            yield f"What is done is {done}:\n\n" + command_block(self._resume_line())
        else:
            folder = shlex.quote(str(self.plan.output_dir))
            yield "All is done. To make one table of it:\n\n"
            yield command_block(f"badc infer aggregate {folder}")

    def _resume_line(self) -> str:
        """Return the line that does what is left; it works from any folder."""
        again = self.request.model_copy(
            update={
                "manifest": self.plan.manifest,
                "output_dir": self.plan.output_dir,
                "telemetry_log": self.plan.telemetry_log,
                "resume_summary": None if self.request.rerun else self.plan.summary,
            }
        )
        return f"cd {shlex.quote(str(absolute(Path())))} && {shlex.join(infer_command(again))}"
