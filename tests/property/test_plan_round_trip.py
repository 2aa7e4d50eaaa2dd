"""A plan of recordings comes back from its file as it went in, every field of it."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.orchestration import RecordingPlan, write_plan_csv, write_plan_json
from badc.orchestration.plan_files import read_recordings
from tests.property.recording_plans import DATASET, recording_plans


def _no_more(recording: str, manifest: Path) -> RecordingPlan:
    raise AssertionError((recording, manifest))


@pytest.mark.parametrize("write", [write_plan_csv, write_plan_json])
@settings(max_examples=60)
@given(plans=st.lists(recording_plans(), max_size=3))
def test_a_plan_of_recordings_comes_back_as_it_went_in(write, plans):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plan")
        write(path, plans, DATASET)
        assert list(read_recordings(path, DATASET, _no_more)) == plans
