"""HawkEars' tables, read by column name."""

import pytest

from badc.runners.hawkears.labels_csv import LabelsFormError, read_v1, read_v2
from badc.runners.hawkears.species import Species, SpeciesList

HEADER = "filename,start_time,end_time,class_name,class_code,score\n"


@pytest.fixture
def table(tmp_path):
    def write(text: str):
        path = tmp_path / "HawkEars_labels.csv"
        path.write_bytes(text.encode())
        return path

    return write


def test_columns_may_stand_in_any_order_beside_others(table):
    path = table(
        "\ufeffscore,extra,class_code,class_name,end_time,start_time\r\n"
        '0.5,"a, b",,"Owl, Great ""Grey""",3.0004,0.0006\r\n'
    )
    (detection,) = read_v1(path, 10)
    assert (detection.timestamp_ms, detection.end_ms) == (1, 3000)
    assert (detection.label, detection.label_code) == ('Owl, Great "Grey"', None)


def test_no_rows_are_no_detections(table):
    assert read_v1(table(HEADER), 3) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column"),
        ("filename,start_time\n", "no column class_name, class_code, end_time, score"),
        (HEADER + "a,zero,1,Owl,OWL,0.5\n", r":2: start_time 'zero' is not a number"),
        (HEADER + "a,2,1,Owl,OWL,0.5\n", "end_time 1 lies before start_time 2"),
        (HEADER + "a,0,1,Owl,OWL,1.5\n", "score 1.5 is not within 0 to 1"),
        (HEADER + "a,0,nan,Owl,OWL,0.5\n", "end_time is nan"),
        (HEADER + "a,0,1,,,0.5\n", "the label has no name"),
        (HEADER + "a,0,1\n", "the label has no name"),
    ],
)
def test_a_table_of_another_form_is_refused(table, text, why):
    with pytest.raises(LabelsFormError, match=why):
        read_v1(table(text), 3)


def test_2x_labels_find_their_code_and_name(table, root_v2):
    path = table("recording,name,start_time,end_time,score\nrec,comyel,0,3.25,0.9\n")
    (detection,) = read_v2(path, 3, SpeciesList(root_v2).find)
    assert (detection.label, detection.label_code, detection.label_name) == (
        "comyel",
        "COYE",
        "Common Yellowthroat",
    )
    assert detection.end_ms == 3000


def test_a_label_that_no_list_has_is_kept(root_v2):
    species = SpeciesList(root_v2)
    assert species.find("XYZZ") == Species("XYZZ", None)
    assert species.find("Some Owl") == Species(None, "Some Owl")
