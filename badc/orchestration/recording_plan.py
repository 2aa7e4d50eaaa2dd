"""What is to be done with one recording: the row of a plan."""

from dataclasses import dataclass
from pathlib import Path

from badc.runs import InferRequest
from badc.runs.batch_size import ChunksPerTask
from badc.runs.request import RunnerName


@dataclass(frozen=True)
class RecordingPlan:
    """One recording's run, decided but not begun.

    All paths are absolute.

    Attributes:
        recording_id: names the recording; the stem of its manifest.
        manifest_path: its chunks.
        output_dir: where the dataset's JSON goes, one folder per recording.
        recording_output_dir: this recording's folder in it.
        telemetry_log: the recording's own log, the same in every run, so that runs add up.
        runner, runner_cmd, hawkears_args, min_confidence: who listens, as in ``InferRequest``.
        max_gpus, cpu_workers, chunks_per_gpu, gpu_only: where, as in ``InferRequest``.
        max_retries, timeout_s, keep_going, chunks_per_task: how, as in ``InferRequest``.
        rerun, replace: what becomes of results that stand there, likewise.
        scheduler_address, cluster_profile: where else, likewise.
        chunk_status: what ``.chunk_status.json`` says of the chunks, or None where there is none.
        chunk_status_path: that file, or None where there is none.
    """

    recording_id: str
    manifest_path: Path
    output_dir: Path
    recording_output_dir: Path
    telemetry_log: Path
    runner: RunnerName = "hawkears"
    runner_cmd: str | None = None
    hawkears_args: tuple[str, ...] = ()
    min_confidence: float = 0.25
    max_gpus: int | None = None
    cpu_workers: int = 0
    chunks_per_gpu: int = 1
    chunks_per_task: ChunksPerTask = 1
    gpu_only: bool = False
    max_retries: int = 2
    timeout_s: float | None = None
    keep_going: bool = False
    rerun: bool = False
    replace: bool = False
    scheduler_address: str | None = None
    cluster_profile: Path | None = None
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
            runner=self.runner,
            runner_cmd=self.runner_cmd,
            hawkears_args=self.hawkears_args,
            min_confidence=self.min_confidence,
            max_gpus=self.max_gpus,
            cpu_workers=self.cpu_workers,
            chunks_per_gpu=self.chunks_per_gpu,
            chunks_per_task=self.chunks_per_task,
            gpu_only=self.gpu_only,
            output_dir=self.recording_output_dir,
            max_retries=self.max_retries,
            timeout_s=self.timeout_s,
            telemetry_log=self.telemetry_log,
            resume_summary=None if self.rerun else resume_summary,
            keep_going=self.keep_going,
            rerun=self.rerun,
            replace=self.replace,
            scheduler_address=self.scheduler_address,
            cluster_profile=self.cluster_profile,
        )
