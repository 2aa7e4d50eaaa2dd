"""``badc report`` as a user types it."""

import csv

import duckdb
import pytest
from typer.testing import CliRunner

from badc.cli.app import app
from badc.errors import BadcError

TABLE = """
COPY (SELECT 'R' || i % 3 AS recording_id, 'c' || i AS chunk_id, i * 60000 AS chunk_start_ms,
    1000 AS timestamp_ms, 4000 AS end_ms, 'label ' || i % 4 AS label, NULL::VARCHAR AS label_name,
    0.5 AS confidence, 'ok' AS status, repeat('area ', 60) AS study_area
    FROM range($rows) AS r(i)
    UNION ALL SELECT 'R0', 'silent', 0, NULL, NULL, '', NULL, NULL, 'no_detections', NULL)
TO $path (FORMAT parquet)
"""


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """Types a command in this process; an error comes back as it is."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        result = CliRunner().invoke(app, ["report", *map(str, words)])
        if isinstance(result.exception, BadcError):
            raise result.exception
        return result

    return run


@pytest.fixture
def parquet(tmp_path):
    """The table where the commands look for it, in a folder of the user's."""
    path = tmp_path / "artifacts" / "aggregate" / "detections.parquet"
    path.parent.mkdir(parents=True)
    duckdb.execute(TABLE, {"path": str(path), "rows": 12})
    return path


def test_each_command_works_on_the_table_where_aggregate_puts_it(parquet, typed, tmp_path):
    for words in (
        ["summary", "--output", "s.csv"],
        ["quicklook", "--output-dir", "q"],
        ["parquet", "--output-dir", "p"],
        ["duckdb", "--export-dir", "d"],
        ["bundle"],
        ["aggregate-dir", "--export-dir", "a"],
        ["merge"],
        ["html"],
        *(
            ["export", "--format", name, "--output-dir", name]
            for name in ("raven", "audacity", "kaleidoscope", "birdnet", "wildtrax")
        ),
    ):
        result = typed(*words)
        assert result.exit_code == 0, (words, result.output)
    with (tmp_path / "s.csv").open(newline="") as stream:
        assert sum(int(row["detections"]) for row in csv.DictReader(stream)) == 12
    written = {path.name for path in parquet.parent.iterdir()}
    assert {"detections.duckdb", "report.html", "detections_quicklook"} <= written


@pytest.mark.usefixtures("parquet")
def test_a_summary_shows_so_many_groups_and_says_how_many_more(typed):
    out = typed("summary", "--limit", 1).output
    assert "12 detections of 4 labels in 3 recordings" in out
    assert "... and 3 more." in out


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize(
    "words",
    [
        ["summary", "--limit", 0],
        ["summary", "--limit", -3],
        ["quicklook", "--top-labels", 0],
        ["parquet", "--bucket-minutes", 0],
        ["parquet", "--bucket-minutes", 10**30],
        ["export", "--format", "word", "--output-dir", "x"],
        ["html", "--clips", -1],
    ],
)
def test_options_out_of_range_are_refused(typed, words):
    assert typed(*words).exit_code == 2


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["summary", "--group-by", "species"], "label,recording_id"),
        (["summary", "--parquet", "no such.parquet"], "no such.parquet: is not there"),
        (["bundle", "--run-prefix", "../x"], "--run-prefix"),
        (["duckdb", "--database", "artifacts/aggregate/detections.parquet"], "Parquet itself"),
        (["aggregate-dir", "nowhere"], "nowhere"),
        (["export", "--format", "raven", "--output-dir", "x", "--species", "no.txt"], "no.txt"),
        (["merge", "--output-dir", "artifacts/aggregate"], "twice"),
    ],
)
def test_requests_that_cannot_be_carried_out_are_one_clear_line(typed, words, said):
    with pytest.raises(BadcError) as caught:
        typed(*words)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize("command", ["quicklook", "parquet", "bundle"])
def test_a_folder_that_cannot_be_written_is_named(typed, tmp_path, command):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadcError, match="file") as caught:
        typed(command, "--output-dir", "file/x")
    assert caught.value.exit_code == 1


def test_piped_tables_are_never_cut(offline_badc, parquet):
    duckdb.execute(
        f"COPY (SELECT '{'long ' * 80}' AS label, 'R' AS recording_id) TO $path (FORMAT parquet)",
        {"path": str(parquet)},
    )
    ended = offline_badc("report", "summary")
    assert ended.code == 0
    assert "long " * 80 in ended.out
    assert "│" not in ended.out
    assert ended.err == ""


def test_an_error_is_one_line_on_standard_error(offline_badc):
    ended = offline_badc("report", "html", "--parquet", "it's not\nhere.parquet")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert ended.err.startswith("Error: it's not here.parquet")


def test_every_count_warns_of_a_table_of_several_detectors(offline_badc, parquet):
    one = """{"runner": "stub", "runner_fingerprint": "5f", "chunks": 3}"""
    quoted = one.replace('"', '""')
    lines = f'recording_id,chunks,seconds,detectors\nS,0,0,"[{quoted}]"\n'
    parquet.with_name("detections_effort.csv").write_text(lines)
    for words in (["summary"], ["quicklook"], ["bundle"], ["aggregate-dir"], ["merge"], ["html"]):
        ended = offline_badc("report", *words)
        assert ended.code == 0
        assert ended.err.count("results of 2 detectors") == 1, words
        assert "stub [5f] (3 chunks of 1 recording, S)" in ended.err
