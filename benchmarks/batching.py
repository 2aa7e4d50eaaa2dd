"""What a chunk costs beyond listening where a task run carries several: ``--chunks-per-task auto``.

As many stub chunks as the longest run of ``orchestration`` has (BENCH_CHUNKS), on two CPU slots,
against a running server; wall time from the first chunk's start to the last one's end.
"""

from benchmarks._finished import MOST, bench_folder
from benchmarks._rows import Row
from benchmarks._runs import hear, stub_manifest
from benchmarks._server import running_server


def measure() -> list[Row]:
    """Return cost per chunk, and what the flow's process took."""
    with bench_folder() as folder, running_server(folder) as server:
        manifest = stub_manifest(folder / "chunks", MOST)
        run = hear(manifest, folder / "run", server.environment, "--chunks-per-task", "auto")
        what = f"{MOST:,} chunks, --chunks-per-task auto"
        return [
            Row.at_most(what, run.chunk_ms, "ms a chunk", 2),
            Row(f"{what}, whole process", run.spent.wall_s, "s"),
            Row(f"{what}, peak memory", run.spent.memory_mb, "MB"),
        ]
