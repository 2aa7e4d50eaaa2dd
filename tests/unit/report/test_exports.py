import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.errors import UsageError
from badc.report.exports import FORMATS, Choice, export, read_species
from badc.report.exports.call import one_line
from badc.report.source import open_source

from .conftest import heard, write_parquet

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "recording_id": st.sampled_from(["REC 1", "a/b", "A/B", "é'\""]),
            "label": TEXT.filter(lambda text: text.strip(" ") and one_line(text)),
            "start_ms": st.integers(0, 10**8),
            "length_ms": st.integers(0, 10**5),
            "confidence": st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
        }
    ),
    max_size=8,
)


def ms(seconds):
    return round(float(seconds) * 1000)


def plain_rows(path, delimiter="\t"):
    return [line.split(delimiter) for line in path.read_text("utf-8").split("\n")[:-1]]


def parsed_raven(paths):
    for path in paths:
        head, *rows = plain_rows(path)
        for n, row in enumerate(rows, start=1):
            fields = dict(zip(head, row, strict=True))
            assert fields["Selection"] == str(n)
            start, end = ms(fields["Begin Time (s)"]), ms(fields["End Time (s)"])
            yield fields["Begin File"], start, end, fields["Common Name"], fields["Confidence"]


def parsed_audacity(paths):
    for path in paths:
        for start, end, text in plain_rows(path):
            label, mark, score = text.rpartition(";")
            is_scored = bool(mark) and score.replace(".", "").isdigit()
            yield None, ms(start), ms(end), label if is_scored else text, score * is_scored


def parsed_kaleidoscope(paths):
    for row in csv_rows(paths):
        start, score = ms(row["OFFSET"]), row["TOP1DIST"]
        end = start + ms(row["DURATION"])
        sure = f"{1 - float(score):.4f}" if score else ""
        yield row["IN FILE"], start, end, row["TOP1MATCH"], sure


def parsed_birdnet(paths):
    for row in csv_rows(paths):
        start, end = ms(row["Start (s)"]), ms(row["End (s)"])
        yield row["File"], start, end, row["Common name"], row["Confidence"]


def parsed_wildtrax(paths):
    for row in csv_rows(paths):
        start = ms(row["startTime"])
        yield None, start, start + ms(row["tagLength"]), row["species"], None


def csv_rows(paths):
    for path in paths:
        with path.open(newline="", encoding="utf-8") as stream:
            yield from csv.DictReader(stream)


PARSED = {
    "raven": parsed_raven,
    "audacity": parsed_audacity,
    "kaleidoscope": parsed_kaleidoscope,
    "birdnet": parsed_birdnet,
    "wildtrax": parsed_wildtrax,
}


@settings(max_examples=25)
@given(CALLS)
def test_every_format_reads_back_as_the_same_calls(calls):
    rows = [
        heard(
            call["label"],
            call["start_ms"],
            recording_id=call["recording_id"],
            absolute_end_ms=call["start_ms"] + call["length_ms"],
            confidence=call["confidence"],
        )
        for call in calls
    ]
    with tempfile.TemporaryDirectory() as folder:
        with open_source(write_parquet(Path(folder, "t.parquet"), rows)) as source:
            for name, parse in PARSED.items():
                done = export(source, name, Path(folder, name), Choice())
                found = sorted(map(repr, parse(done.written)))
                assert found == sorted(map(repr, expected(name, calls)))
                assert done.calls == len(calls)


def expected(name, calls):
    can_quote, knows_file = FORMATS[name].can_quote, name not in {"audacity", "wildtrax"}
    for call in calls:
        label = call["label"] if can_quote else one_line(call["label"])
        score = "" if call["confidence"] is None else f"{call['confidence']:.4f}"
        yield (
            one_line(call["recording_id"]) if knows_file else None,
            call["start_ms"],
            call["start_ms"] + call["length_ms"],
            label,
            None if name == "wildtrax" else score,
        )


def test_the_headers_are_those_of_the_programs():
    assert ",".join(FORMATS["birdnet"].columns) == (
        "Start (s),End (s),Scientific name,Common name,Confidence,File"
    )
    assert ",".join(FORMATS["kaleidoscope"].columns) == (
        "INDIR,FOLDER,IN FILE,OFFSET,DURATION,TOP1MATCH,TOP1DIST"
    )
    assert ",".join(FORMATS["wildtrax"].columns) == (
        "location,recordingDate,method,taskLength,transcriber,species,speciesIndividualNumber,"
        "vocalization,abundance,startTime,tagLength,minFreq,maxFreq"
    )


@pytest.fixture
def songs(table):
    return table(
        heard("OVEN", label_code="OVEN", label_name="Ovenbird", confidence=0.9),
        heard("OVEN", 5000, label_code="OVEN", label_name="Ovenbird", confidence=0.2),
        heard("Turdus merula_Eurasian Blackbird", 9000, confidence=None),
    )


@pytest.mark.parametrize(
    ("species", "least", "labels"),
    [
        ((), None, ["OVEN", "OVEN", "Turdus merula_Eurasian Blackbird"]),
        (("ovenbird",), None, ["OVEN", "OVEN"]),
        (("oven",), 0.5, ["OVEN"]),
        ((), 0.0, ["OVEN", "OVEN"]),
        (("Turdus merula_Eurasian Blackbird",), None, ["Turdus merula_Eurasian Blackbird"]),
        (("WIPT",), None, []),
    ],
)
def test_species_and_confidence_choose(songs, tmp_path, species, least, labels):
    with open_source(songs) as source:
        done = export(source, "kaleidoscope", tmp_path / "x", Choice(species, least))
    assert [row["TOP1MATCH"] for row in csv_rows(done.written)] == labels
    assert done.unmatched == (("WIPT",) if "WIPT" in species else ())


def test_scientific_names_are_found_where_there_are_any(songs, table, tmp_path):
    coded = table(
        heard("Wren", label_code="Troglodytes troglodytes", label_name="Wren"), name="x.parquet"
    )
    names = []
    for path in (songs, coded):
        with open_source(path) as source:
            done = export(source, "birdnet", tmp_path / path.stem, Choice())
        names += [(r["Scientific name"], r["Common name"]) for r in csv_rows(done.written)]
    assert names == [
        ("", "Ovenbird"),
        ("", "Ovenbird"),
        ("Turdus merula", "Eurasian Blackbird"),
        ("Troglodytes troglodytes", "Wren"),
    ]


def test_a_species_list_may_be_a_file_or_names(tmp_path):
    listed = tmp_path / "species list.txt"
    listed.write_text("\ufeff# target species\nROPT\n\n RUGR \n", "utf-8")
    assert read_species([str(listed), "STGR, SPGR,,ROPT"]) == ("ROPT", "RUGR", "STGR", "SPGR")


def test_a_species_list_that_is_none_is_refused(tmp_path):
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.txt").write_text("\n# none\n")
    for word in ("missing.txt", "binary.txt", "empty.txt"):
        with pytest.raises(UsageError, match=word):
            read_species([str(tmp_path / word)])
    with pytest.raises(UsageError):
        read_species([" , "])
    with pytest.raises(UsageError):
        Choice((), float("nan"))


def test_what_has_no_place_in_its_recording_is_counted_not_written(table, tmp_path):
    with open_source(table(heard(), heard(start_ms=None))) as source:
        done = export(source, "raven", tmp_path / "x", Choice())
    assert (done.calls, done.unplaced) == (1, 1)


def test_recordings_of_one_name_at_two_places_keep_their_own_files(table, tmp_path):
    rows = [heard("A", location="north"), heard("B", location="south")]
    with open_source(table(*rows)) as source:
        done = export(source, "audacity", tmp_path / "x", Choice())
    assert sorted(path.name for path in done.written) == ["R-2.txt", "R.txt"]


def test_the_recordings_file_is_named_where_it_is_known(table, tmp_path):
    audio = tmp_path / "audio" / "North" / "R.flac"
    audio.parent.mkdir(parents=True)
    audio.write_bytes(b"")
    with open_source(table(heard())) as source:
        done = export(source, "raven", tmp_path / "x", Choice(), tmp_path / "audio")
        unknown = export(source, "raven", tmp_path / "y", Choice())
    head, row = plain_rows(done.written[0])
    fields = dict(zip(head, row, strict=True))
    assert (fields["Begin File"], fields["Begin Path"]) == ("R.flac", str(audio))
    assert (done.nameless, unknown.nameless) == (0, 1)


def test_wildtrax_tags_say_where_when_and_how_long(table, effort, tmp_path):
    where = {"location": "NS-01", "recording_date_time": "2026-05-10T05:00:00-07:00"}
    path = table(heard(label_code="OVEN", **where), heard("OVEN", 9000, **where))
    effort(path, "R,5,0,300.0,2,NS-01,")
    with open_source(path) as source:
        done = export(source, "wildtrax", tmp_path / "x", Choice())
    first, second = csv_rows(done.written)
    assert (first["location"], first["recordingDate"]) == ("NS-01", "2026-05-10 05:00:00")
    assert (first["taskLength"], first["species"]) == ("300", "OVEN")
    numbers = [row["speciesIndividualNumber"] for row in (first, second)]
    assert numbers == ["1", "2"]
    assert done.placeless == 0


def test_an_export_without_rows_has_its_header(table, tmp_path):
    with open_source(table()) as source:
        for name in FORMATS:
            done = export(source, name, tmp_path / name, Choice())
            assert done.calls == 0
            if FORMATS[name].is_single:
                header = done.written[0].read_text()
                assert header == ",".join(FORMATS[name].columns) + "\n"


def test_the_recordings_file_is_known_from_its_chunks_status(table, tmp_path):
    chunks = tmp_path / "chunks"
    chunks.mkdir()
    (chunks / ".chunk_status.json").write_text('{"audio_path": "audio/North/R.flac"}')
    rows = [heard(source_path="chunks/c1.wav", dataset_root=str(tmp_path))]
    with open_source(table(*rows)) as source:
        done = export(source, "birdnet", tmp_path / "x", Choice())
    (row,) = csv_rows(done.written)
    assert row["File"] == str(tmp_path / "audio" / "North" / "R.flac")


def test_the_recordings_file_is_found_where_it_moved_with_the_table(table, tmp_path):
    audio = tmp_path / "audio" / "North" / "R.flac"
    for path in (audio, tmp_path / "artifacts" / "chunks" / "R" / "c1.wav"):
        path.parent.mkdir(parents=True)
        path.touch()
    status = {"audio_path": "audio/North/R.flac", "chunk_output_dir": "artifacts/chunks/R"}
    (tmp_path / "artifacts/chunks/R/.chunk_status.json").write_text(json.dumps(status))
    moved = table(heard(source_path="artifacts/chunks/R/c1.wav", dataset_root="/gone/set"))
    with open_source(moved) as source:
        done = export(source, "birdnet", tmp_path / "x", Choice())
    (row,) = csv_rows(done.written)
    assert row["File"] == str(audio)
