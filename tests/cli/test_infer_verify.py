"""``badc infer verify`` as a user meets it: lines, exit codes, and a repair that is a real run."""

import json
import os
import shlex

import pytest

from badc.runners.command import CommandRunner
from tests.heard_results import RUNNER, HeardResults

HEARS = """
if audio.stem == "c001" and (audio.parent / "c001 is hard").exists():
    sys.exit(7)
heard = {"timestamp_ms": 0, "end_ms": 500, "label": audio.read_text(), "confidence": 1}
answer.write_text(json.dumps([heard]))
"""
FINDING = ("missing  ", "corrupt  ", "stale  ", "audio  ", "foreign  ")


def findings(out):
    """Return kind and chunk (or file name) of every line that names a finding."""
    lines = [line.split("  ", 2) for line in out.splitlines() if line.startswith(FINDING)]
    return [
        (kind, chunk if chunk != "-" else place.partition(": ")[0].rpartition("/")[2])
        for kind, chunk, place in lines
    ]


def stands(folder):
    """Return every JSON below ``folder``: when it was written, which file it is, and its bytes."""
    return {
        path.name: (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes())
        for path in folder.rglob("*.json")
    }


def counts(out):
    return [line for line in out.splitlines() if " intact; " in line]


def test_repair_hears_the_damaged_chunks_and_leaves_all_others_alone(
    badc, manifest, runner_script, starts
):
    command = runner_script(HEARS)
    listed, out = manifest(6), badc.folder / "out"
    made = badc("infer", "run", listed, "--runner-cmd", command, "--output-dir", out)
    assert made.code == 0, made.all
    results, before = out / "REC", stands(out)
    (results / "c000.json").unlink()
    (results / "c001.json").write_text("{")
    old = json.loads((results / "c002.json").read_text())
    old["provenance"]["runner_fingerprint"] = "0" * 16
    (results / "c002.json").write_text(json.dumps(old))
    (results / "c9.json").write_text("{}")
    (badc.folder / "chunks" / "c003.wav").unlink()

    words = ["infer", "verify", out, "--manifest", listed]
    told = badc(*words)
    assert told.code == 1, told.all
    damaged = [("missing", "REC/c000"), ("corrupt", "REC/c001"), ("stale", "REC/c002")]
    left = [("audio", "REC/c003"), ("foreign", "c9.json")]
    assert findings(told.out) == damaged + left
    assert counts(told.out) == [
        "6 chunks: 2 intact; 1 missing, 1 corrupt, 1 stale, 1 audio, 1 foreign"
    ]
    assert f"To mend it: badc infer verify {out} --manifest {listed} --repair, with" in told.out

    heard = len(starts())
    hard = badc.folder / "chunks" / "c001 is hard"
    hard.touch()
    failed = badc(*words, "--repair", "--runner-cmd", command)
    assert failed.code == 1, failed.all
    assert findings(failed.out) == [*damaged, *left, damaged[1], *left]
    assert "Error: 1 of 3 chunks failed" in failed.err
    assert set(starts()[heard:]) == {"c000", "c001", "c002"}
    assert (results / "c001.json").read_text() == "{"  # not lost before another one stands
    assert (results / "c9.json").read_text() == "{}"  # foreign files are the user's

    hard.unlink()
    (results / "c9.json").unlink()
    (badc.folder / "chunks" / "c003.wav").write_bytes(b"audio of 3")
    heard = len(starts())
    mend = next(line for line in failed.out.splitlines() if line.startswith("To mend it: badc "))
    mended = badc(*shlex.split(mend.removeprefix("To mend it: badc ")))
    assert (mended.code, findings(mended.out)) == (0, [damaged[1]]), mended.all
    assert counts(mended.out)[1].startswith("6 chunks: 6 intact; ")
    assert starts()[heard:] == ["c001"]

    after = stands(out)
    for name in ("c003.json", "c004.json", "c005.json"):
        assert after[name] == before[name]
    for name in ("c000.json", "c001.json", "c002.json"):
        ours, theirs = json.loads(after[name][2]), json.loads(before[name][2])
        assert (
            ours["provenance"]["runner_fingerprint"] == (theirs["provenance"]["runner_fingerprint"])
        )
        assert ours["detections"] == theirs["detections"]


def test_a_folder_in_order_is_all_well_and_needs_no_repair(offline_badc, tmp_path):
    heard = HeardResults.make(tmp_path, hashed=False)
    by_size_alone = "only the size of their audio was compared."
    ended = offline_badc("infer", "verify", "out", "--manifest", "manifest.csv", "--repair")
    assert (ended.code, ended.err) == (0, ""), ended.all
    assert ended.out.splitlines() == [
        "3 chunks: 3 intact; 0 missing, 0 corrupt, 0 stale, 0 audio, 0 foreign",
        f"No sha256 stands in the JSON of {len(heard.chunks)} intact chunks: {by_size_alone}",
    ]


def test_a_repair_by_a_runner_that_nobody_can_tell_is_refused_after_the_list(
    offline_badc, tmp_path
):
    heard = HeardResults.make(tmp_path, 2)
    heard.json(0).unlink()
    words = ["infer", "verify", "out", "--manifest", "manifest.csv", "--repair"]
    ended = offline_badc(*words)
    assert ended.code == 2, ended.all
    assert findings(ended.out) == [("missing", "REC/c0")]
    assert ended.err == (
        f"Error: --repair: it cannot be told from the results how custom {RUNNER} was started."
        " Name it as the run did: --use-hawkears, --runner NAME or --runner-cmd CMD.\n"
    )
    heard.json(1).unlink()
    ended = offline_badc(*words)
    assert ended.code == 2, ended.all
    assert "--repair: no result says who should listen." in ended.err
    assert not (tmp_path / "data").exists()


def test_the_runner_that_is_asked_for_decides_what_is_stale(offline_badc, tmp_path):
    heard = HeardResults.make(tmp_path, 2)
    heard.hear(heard.chunks[1], CommandRunner(("true",)).fingerprint())
    ended = offline_badc("infer", "verify", "out", "--manifest=manifest.csv", "--runner-cmd=true")
    assert findings(ended.out) == [("stale", "REC/c0")]
    assert (
        "To mend it: badc infer verify out --manifest manifest.csv --runner-cmd true --repair"
        in (ended.out)
    )
    ended = offline_badc("infer", "verify", "out", "--manifest=manifest.csv", "--stub-runner")
    assert findings(ended.out) == [("stale", "REC/c0"), ("stale", "REC/c1")]
    assert "--manifest manifest.csv --runner stub --repair" in ended.out


REFUSED = {
    "no folder": (["nowhere", "--manifest", "manifest.csv"], "nowhere: no such folder."),
    "a file": (["manifest.csv", "--manifest", "manifest.csv"], "manifest.csv: is no folder."),
    "no manifest": (["out", "--manifest", "x.csv"], "x.csv: no such manifest."),
    "no option": (["out"], "--manifest"),
    "two runners": (
        ["out", "--manifest", "manifest.csv", "--use-hawkears", "--runner-cmd", "true"],
        "--runner-cmd and --use-hawkears name different runners.",
    ),
    "lonely argument": (
        ["out", "--manifest", "manifest.csv", "--min-confidence", "0.5"],
        "are about a runner that no option names. Add --use-hawkears or --runner birdnet.",
    ),
    "over-confident": (
        ["out", "--manifest", "manifest.csv", "--runner", "birdnet", "--min-confidence", "2"],
        "--min-confidence 2 is not above 0",
    ),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_verified_is_refused_in_one_line(offline_badc, tmp_path, words, said):
    HeardResults.make(tmp_path, 1)
    ended = offline_badc("infer", "verify", *words)
    assert ended.code == 2, ended.all
    assert said in ended.err
    assert "Traceback" not in ended.all
    assert ended.out == ""


def test_hostile_names_and_fields_stay_on_their_line(offline_badc, tmp_path):
    heard = HeardResults.make(tmp_path, 2)
    evil = "\x1b[2J\n<script>'; DROP"
    heard.change(0, recording_id=evil, status=evil)
    heard.change(1, runner=evil, provenance={"runner_fingerprint": evil, "chunk_bytes": evil})
    for name in (f"{evil.replace('/', '')}.json", os.fsdecode(b"\xff.json")):
        (heard.out / "REC" / name).write_text("{}")
    ended = offline_badc("infer", "verify", "out", "--manifest", "manifest.csv")
    assert (ended.code, ended.err) == (1, ""), ended.all
    lines = ended.out.splitlines()
    assert sum(line.startswith(FINDING) for line in lines) == 4
    assert "\x1b" not in ended.out
    assert len(lines) == 8
