"""Prefect's result storage over the folder of detection JSON: a chunk's JSON is its cached result.

There is no second record that could disagree with it. Prefect asks the storage for a key, and gets
the JSON only where it is whole and of just that key; else the chunk is heard. The JSON travel with
the dataset, so that a new Prefect database changes nothing.
"""

import functools
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from prefect.cache_policies import CachePolicy
from prefect.context import TaskRunContext
from prefect.exceptions import ObjectAlreadyExists
from prefect.filesystems import WritableFileSystem
from prefect.results import (  # type: ignore[attr-defined] # it re-exports them, silently
    ResultRecord,
    ResultRecordMetadata,
)
from prefect.serializers import JSONSerializer

from badc.detections import write_result
from badc.results import ResultKey, result_path, stored_record
from badc.runs import Assignment, InferPlan
from flows.console import warn
from flows.reach import flow_server

_TRIES = 5
_PAUSE_S = 0.5


class DetectionStorage(WritableFileSystem):
    """The JSON of chunks below one output folder.

    Attributes:
        output_dir: the folder, absolute.
    """

    _block_type_name = "BADC detections"
    _block_type_slug = "badc-detections"
    _description = "The detections of each chunk, as JSON in a folder."

    output_dir: str

    def read_path(self, path: str, **_: object) -> bytes:  # type: ignore[override]
        """Return the stored record of a key.

        Raises:
            FileNotFoundError: there is no whole JSON of that key.
        """
        key = ResultKey.parse(path)
        record = None if key is None else stored_record(Path(self.output_dir), key)
        if record is None:
            raise FileNotFoundError(path)
        metadata = ResultRecordMetadata(
            serializer=JSONSerializer(),
            storage_key=path,
            storage_block_id=self._block_document_id,
        )
        return ResultRecord(result=record, metadata=metadata).serialize()

    def write_path(self, path: str, content: bytes, **_: object) -> None:  # type: ignore[override]
        """Store the record of a key, unless it is there: whoever hears a chunk writes its JSON.

        How a chunk failed, or that it was not begun, is no result and is not stored.
        """
        key = ResultKey.parse(path)
        record: Any = ResultRecord.deserialize(content).result
        if key is None or not isinstance(record, dict) or "detections" not in record:
            return
        if stored_record(Path(self.output_dir), key) is None:
            write_result(result_path(Path(self.output_dir), key.chunk), record)


def storage_of(plan: InferPlan) -> DetectionStorage:
    """Return the storage that holds a run's results; the recordings of a dataset share one."""
    folder = plan.output_dir
    if {chunk.key.recording_id for chunk in plan.chunks} == {folder.name}:
        folder = folder.parent  # where the folders of all recordings are
    return _saved(folder, flow_server())


@functools.cache
def _saved(output_dir: Path, server: str) -> DetectionStorage:
    """Return the storage over ``output_dir``, saved as a block on ``server``, the flow run's.

    Runs that begin at the same time may all be the first to tell the server of this kind of block.
    A server that does not take it holds up nothing: results are where they are.
    """
    del server  # it is the one that the flow run's context knows
    storage = DetectionStorage(output_dir=str(output_dir))
    name = f"badc-{hashlib.sha256(storage.output_dir.encode()).hexdigest()[:16]}"
    fault: Exception | None = None
    for _ in range(_TRIES):
        try:
            storage.save(name, overwrite=True, _sync=True)  # type: ignore[call-arg]
            return storage
        except (ObjectAlreadyExists, httpx.HTTPError) as error:
            fault = error
            time.sleep(_PAUSE_S)
    warn(
        "Warning: the Prefect server does not know where results are kept"
        f" ({' '.join(str(fault).split())}); the run goes on."
    )
    storage._block_document_id = uuid4()  # Prefect takes no storage without one  # noqa: SLF001
    return storage


@dataclass
class ChunkIdentity(CachePolicy):
    """Prefect's cache key of a chunk: all that its result depends on.

    Attributes:
        assignment: the run's runner and output folder.
    """

    assignment: Assignment | None = None

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **more: object,
    ) -> str | None:
        """Return the key of the chunk whose turn it is; None where its audio cannot be read."""
        del task_ctx, flow_parameters, more
        assert self.assignment is not None  # noqa: S101 - given by hear_under
        key = self.assignment.key(inputs["turn"].chunks[0])
        return None if key is None else str(key)
