"""Folders that cannot be written to: from the start, and from one moment to the next."""

import shlex

import pytest

_WAITS = """
until = time.monotonic() + 400
while audio.stem > 'c000' and time.monotonic() < until and not Path('go').exists():
    time.sleep(0.05)
answer.write_text('[]')
"""


@pytest.mark.parametrize("option", ["--output-dir", "--telemetry-log"])
def test_a_read_only_folder_is_refused_before_anything_is_written(
    offline_badc, manifest, read_only, option
):
    shut = offline_badc.folder / "shut"
    shut.mkdir()
    read_only(shut)
    place = shut / "out" if option == "--output-dir" else shut / "run.jsonl"
    ended = offline_badc("infer", "run", manifest(1), option, place)
    assert ended.code == 2, ended.all
    (line,) = ended.err.splitlines()
    assert line.startswith(f"Error: {option}: {shut} is not writable (Read-only file system).")
    assert not (offline_badc.folder / "artifacts").exists()


def test_a_folder_that_becomes_read_only_in_mid_run_ends_it_and_it_can_be_resumed(
    badc, manifest, runner_script, starts, until, results, read_only
):
    out = badc.folder / "out"
    out.mkdir()
    words = [
        "infer", "run", manifest(4), "--runner-cmd", runner_script(_WAITS), "--output-dir", out,
    ]  # fmt: skip
    run = badc.start(*words)
    until(lambda: "c001" in starts())
    make_writable = read_only(out)
    (badc.folder / "go").touch()
    _, err = run.communicate(timeout=400)
    assert run.returncode == 1, err
    (line,) = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert f"{out}/REC/c001.json: cannot be written (Read-only file system)" in line
    assert set(results(out)) == {"c000"}
    make_writable()
    again = badc(*words, *shlex.split(line.partition("run again with ")[2]))
    assert again.code == 0, again.all
    assert len(results(out)) == 4
    assert starts().count("c000") == 1
