"""What is to be done with one recording: the row of a plan."""

from pathlib import Path

from badc.requests import InferRequest, RunOptions
from badc.requests.run_options import RunnerField


class RecordingPlan(RunOptions):
    """One recording's run, decided but not begun: where, and how ``RunOptions`` say.

    All paths are absolute.

    Attributes:
        recording_id: names the recording; the stem of its manifest.
        manifest_path: its chunks.
        output_dir: where the dataset's JSON goes, one folder per recording.
        recording_output_dir: this recording's folder in it.
        telemetry_log: the recording's own log, the same in every run, so that runs add up.
        chunk_status: what ``.chunk_status.json`` says of the chunks, or None where there is none.
        chunk_status_path: that file, or None where there is none.
    """

    recording_id: str
    manifest_path: Path
    output_dir: Path
    recording_output_dir: Path
    telemetry_log: Path
    runner: RunnerField = "hawkears"
    chunk_status: str | None = None
    chunk_status_path: Path | None = None

    @property
    def use_hawkears(self) -> bool:
        """Whether HawkEars listens."""
        return self.runner == "hawkears"

    def request(self, resume_summary: Path | None = None) -> InferRequest:
        """Return the request that carries this plan out; a rerun asks no summary."""
        return InferRequest(
            manifest=self.manifest_path,
            output_dir=self.recording_output_dir,
            telemetry_log=self.telemetry_log,
            resume_summary=None if self.rerun else resume_summary,
            **self.run_options(),
        )
