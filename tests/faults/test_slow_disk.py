"""A disk as slow as one behind a network: what is seen there is whole, at every moment."""

import json

_HEARS = """
heard = {"timestamp_ms": 0, "end_ms": 500, "label": "OVEN", "confidence": 0.5}
answer.write_text(json.dumps([heard] * 3000))
"""


def _intact(folder):
    """The chunks that have a JSON, each of which must be whole."""
    heard = set()
    for path in folder.rglob("*.json"):
        assert len(json.loads(path.read_bytes())["detections"]) == 3000
        heard.add(path.stem)
    return heard


def test_a_run_killed_while_a_slow_disk_writes_leaves_whole_files_and_is_resumed(
    badc, manifest, runner_script, starts, shim, until
):
    slow = shim("slow_disk.c")
    log, out = badc.folder / "run.jsonl", badc.folder / "out"
    words = [
        "infer", "run", manifest(12), "--runner-cmd", runner_script(_HEARS), "--cpu-workers", 2,
        "--output-dir", out, "--telemetry-log", log,
    ]  # fmt: skip
    run = badc.start(*words, **slow)
    until(lambda: len(_intact(out)) >= 3)
    run.kill()
    run.communicate()
    done = _intact(out)
    again = badc(*words, "--resume-summary", f"{log}.summary.json", **slow)
    assert again.code == 0, again.all
    assert _intact(out) == {f"c{number:03d}" for number in range(12)}
    assert len(done) >= 3
    assert {chunk for chunk in done if starts().count(chunk) > 1} == set()
    jobs = json.loads((badc.folder / "run.jsonl.summary.json").read_text())["jobs"]
    assert {job["status"] for job in jobs.values()} == {"success"}
