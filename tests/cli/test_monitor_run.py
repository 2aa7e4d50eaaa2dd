"""``badc infer monitor --run``: a run as a real Prefect server knows it."""

import re
import signal

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def below_the_title(out: str) -> list[str]:
    return out.splitlines()[1:]


def told_in_full(badc, manifest):
    """Makes a run whose artifacts are current; an overloaded server does not get the last word."""
    for number in range(5):
        log = f"{number}.jsonl"
        run = badc("infer", "run", manifest(4, name="seen.csv"), "--rerun", "--telemetry-log", log)
        if "are not up to date" not in run.err:
            return run, log
    pytest.fail(run.err)


def test_a_run_is_seen_through_the_server_as_in_its_log(badc, manifest):
    run, log = told_in_full(badc, manifest)
    identity = re.search(r"flow-run/([0-9a-f-]{36})", run.out)
    assert identity, run.all
    in_log = badc("infer", "monitor", "--log", log, "--tail", 5)
    by_id = badc("infer", "monitor", "--run", identity[1], "--tail", 5)
    assert (by_id.code, by_id.err) == (0, "")
    assert below_the_title(by_id.out) == below_the_title(in_log.out)
    title = re.match(r"Workers of (.*) · Completed\n", by_id.out)
    assert title, by_id.out
    for words in ("latest", title[1]):
        assert badc("infer", "monitor", "--run", words, "--tail", 5).out == by_id.out

    following = badc.start(
        "infer", "monitor", "--run", "latest", "--follow", "--tail", 5, PYTHONUNBUFFERED="1"
    )
    seen = [following.stdout.readline() for _ in by_id.out.splitlines()]
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=180)
    assert ("".join(seen), following.returncode, err) == (by_id.out, 0, "")


def test_a_run_that_publishes_nothing_has_nothing_to_see(badc, manifest):
    run = badc("infer", "run", manifest(1, name="hidden.csv"), BADC_DISABLE_ARTIFACTS="1")
    assert run.code == 0, run.all
    ended = badc("infer", "monitor", "--run", "latest")
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(
        r"Error: hidden.* · Completed: there is nothing to see yet\. .*\n", ended.err
    ), ended.err


@pytest.mark.parametrize(
    ("words", "server", "said"),
    [
        (UNKNOWN, None, f"--run {UNKNOWN}: the Prefect server at http://"),
        ("no such name", None, "knows no flow run of this id or name."),
        ("latest", "http://127.0.0.1:9/api", "no Prefect server can be used"),
        ("latest", "", "--run latest: no Prefect server is configured."),
    ],
    ids=["unknown id", "unknown name", "server away", "no server"],
)
def test_a_run_that_cannot_be_found_is_refused_in_one_line(badc, words, server, said):
    changed = {} if server is None else {"PREFECT_API_URL": server}
    ended = badc("infer", "monitor", "--run", words, **changed)
    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1, ended.err
    assert said in ended.err
