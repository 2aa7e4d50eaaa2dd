"""What a chunk costs beyond listening: the SlotTaskRunner beside prefect-dask's DaskTaskRunner.

Both hear the same manifest with the stub runner, on two CPU slots, through the same flow, against
one running local Prefect server. Cost is the wall time between the first chunk's start and the
last one's end, divided by the chunks: start-up is left out. BENCH_CHUNKS sets how many chunks.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks._span import span_s
from tools.prefect_server import prefect_server

_CHUNKS = int(os.environ.get("BENCH_CHUNKS", "1000"))


def main() -> None:
    """Print milliseconds per chunk of both, and their ratio."""
    with tempfile.TemporaryDirectory() as folder, prefect_server(Path(folder)) as environment:
        os.environ.update(environment, PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL="CRITICAL")
        _compare(Path(folder))


def _compare(folder: Path) -> None:
    from prefect import flow  # noqa: PLC0415 - reads the environment when it is imported
    from prefect_dask import DaskTaskRunner  # noqa: PLC0415

    from badc.runs import InferRequest  # noqa: PLC0415
    from flows.infer import hear_manifest, infer  # noqa: PLC0415

    @flow(name="infer-stock", persist_result=False)
    def infer_stock(request: InferRequest) -> None:
        hear_manifest(request, DaskTaskRunner)

    manifest = stub_manifest(folder, _CHUNKS)
    cost = {}
    flows: dict[str, Callable[[InferRequest], object]] = {
        "SlotTaskRunner": infer,
        "DaskTaskRunner": infer_stock,
    }
    for name, run in flows.items():
        log = folder / f"{name}.jsonl"
        request = InferRequest(
            manifest=manifest, cpu_workers=2, output_dir=folder / name, telemetry_log=log
        )
        run(request)
        cost[name] = 1000 * span_s(log, _CHUNKS) / _CHUNKS
        print(f"{name:16} {cost[name]:7.1f} ms per chunk ({_CHUNKS} chunks)", flush=True)
    print(f"ratio            {cost['DaskTaskRunner'] / cost['SlotTaskRunner']:7.1f}")


def stub_manifest(folder: Path, count: int) -> Path:
    """Write a manifest of so many small chunks, and the chunks."""
    rows = ["recording_id,chunk_id,source_path,start_ms,end_ms"]
    for number in range(count):
        audio = folder / f"chunk{number}.wav"
        audio.write_bytes(b"chunk %d" % number)
        rows.append(f"REC,{audio.stem},{audio},{1000 * number},{1000 * number + 1000}")
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


if __name__ == "__main__":
    main()
