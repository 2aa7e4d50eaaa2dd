"""How a dataset's new recordings are to be cut before they are heard."""

from pydantic import BaseModel, ConfigDict, Field

from badc.home import from_home
from badc.orchestration.chunk_plan import ChunkRequest
from badc.requests import OrchestrateRequest


class CutRequest(BaseModel):
    """Cut what is new below the dataset's audio/ folder, before anything is heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: tuple[str, ...] = Field(
        ("*.wav", "*.flac", "*.mp3", "*.ogg"),
        min_length=1,
        description="Names of recordings, in any case.",
    )
    chunk_duration_s: float = Field(
        60.0, ge=0.001, allow_inf_nan=False, description="Seconds of a chunk."
    )
    overlap_s: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Seconds that a chunk repeats of the last one."
    )
    workers: int = Field(1, ge=1, le=256, description="Cut so many recordings at a time.")
    settle_s: float = Field(
        600.0,
        ge=0,
        description="Leave for the next night what changed within so many seconds: it may still"
        " be copied.",
    )

    def within(self, request: OrchestrateRequest) -> ChunkRequest:
        """Return what is to be cut for ``request``, into the folders that it hears from."""
        return ChunkRequest(
            dataset=from_home(request.dataset, "The dataset"),
            patterns=self.patterns,
            chunk_duration_s=self.chunk_duration_s,
            overlap_s=self.overlap_s,
            manifest_dir=from_home(request.manifest_dir, "--manifest-dir"),
            chunks_dir=from_home(request.chunks_dir, "--chunks-dir"),
            settle_s=self.settle_s,
        )
