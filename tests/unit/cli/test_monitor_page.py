import io
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from badc.cli.fitting import elide
from badc.cli.monitor_page import page, waiting
from badc.telemetry import Event, RunView, Tables, event_rows, worker_rows

HEADS = "GPU Events Success Fail Retry Failed attempts Avg runtime Util VRAM trend Last Updated"


def view(gpus: int, cpus: int = 1, chunk: str = "REC_20260608_023000_chunk_60000_120000"):
    seen = RunView()
    now = datetime.now(UTC).isoformat()
    for number in range(40):
        for gpu in range(gpus):
            device = {
                "utilization": 90,
                "memory_used_mb": 70_000 + number,
                "memory_total_mb": 81_920,
            }
            details = {"attempt": 1, "detections": 3, "gpu_metrics": {"after": device}}
            seen.fold(
                Event("REC", chunk, f"gpu-{gpu}", "success", now, now, 1.5, gpu, details=details)
            )
        for cpu in range(cpus):
            details = {"attempt": 2, "error": "AttemptError: exit 3 " * 9, "backoff_s": 2.0}
            seen.fold(Event("REC", chunk, f"cpu-{cpu}", "failure", now, now, 99.5, details=details))
    return Tables(worker_rows(seen), event_rows(seen, 15))


def lines(renderable, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width + 50, color_system=None).print(renderable)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [1, 10, 20, 40, 60, 80, 100, 120, 160, 200, 300])
@pytest.mark.parametrize("chunk", ["c0", "REC_20260608_023000_chunk_60000_120000", "録音_一" * 20])
def test_no_line_is_wider_than_the_terminal(width, chunk):
    for tables in (view(4, chunk=chunk), view(0, 2, chunk), Tables([], [])):
        drawn = lines(page(tables, "data/telemetry/infer/" + chunk, width), width)
        assert max(map(cell_len, drawn)) <= max(width, cell_len("success"))
    assert cell_len(lines(waiting("data/" + chunk, width), width)[0]) <= width


def test_a_wide_terminal_shows_every_column_whole():
    drawn = lines(page(view(2), "x.jsonl", 300), 300)
    heads = " ".join(drawn[3:5]).split()
    assert set(HEADS.split()) <= set(heads)
    assert heads.count("trend") == 3
    (gpu,) = [line for line in drawn if line.startswith("gpu-1")][:1]
    assert gpu.split()[:10] == (
        "gpu-1 40 40 0 0 0 1.50 s 90/90/90 70039/81920".split()  # noqa: SIM905 - as it is drawn
    )
    assert " REC_20260608_023000_chunk_60000_120000 " in gpu
    assert "▇" * 20 in gpu


def test_at_80_columns_counts_device_and_age_are_left_and_retries_share_a_column():
    drawn = lines(page(view(1), "x.jsonl", 80), 80)
    gpu, cpu = (next(line for line in drawn if line.startswith(label)) for label in ("gpu", "cpu"))
    assert gpu.split()[:8] == ["gpu-0", "40", "0", "0/0", "1.50", "s", "90/90/90", "70039"]
    assert cpu.split()[:4] == ["cpu-0", "0", "0", "0/40"]
    assert "▇▇▇▇▇▇" in gpu
    assert gpu.rsplit(maxsplit=1)[1].count(":") == 2


@pytest.mark.parametrize(("gpus", "height"), [(1, 24), (8, 24), (30, 24), (200, 60), (3, 12)])
def test_the_page_fits_the_terminals_height_and_says_what_it_leaves_out(gpus, height):
    tables = view(gpus)
    drawn = lines(page(tables, "x.jsonl", 80, height), 80)
    assert len(drawn) <= height
    shown = sum(line.startswith(("gpu-", "cpu-")) for line in drawn)
    left_out = [line for line in drawn if "more workers" in line]
    assert shown + sum(int(line.split()[2]) for line in left_out) == gpus + 1
    assert drawn[-1].split()[1] == "failure", "the newest event is shown in any case"


def test_an_elided_text_keeps_the_end_that_says_most():
    assert elide("abcdef", 4) == "abc…"
    assert elide("abcdef", 4, "tail") == "…def"
    assert elide("abcdef", 4, "latest") == "cdef"
    assert elide("録音録音", 4, "tail") == "…音"
    assert elide("abc", 3) == "abc"
