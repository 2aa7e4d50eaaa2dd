"""A night of faults in half a minute; ``make soak`` has the long one."""

import sys

import pytest

from tests.faults.soak.night import report, soak

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_CHUNKS = 240


def test_every_chunk_of_a_troubled_night_is_accounted_for(tmp_path, prefect_server):
    night = soak(tmp_path / "night", _CHUNKS, 7, prefect_server)
    told = report(night)
    assert night.faults == [], told
    assert night.accounted == _CHUNKS, told
    assert {*night.chunks.faults} <= {*night.chunks.injected()}, told
    assert {"CLI SIGKILL", "CLI SIGTERM"} <= {*night.legs.dealt}, told
