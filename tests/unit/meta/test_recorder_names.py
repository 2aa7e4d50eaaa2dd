from typing import Any

import pytest

from badc.errors import UsageError
from badc.meta import load_rules, read_zone

SITE = {
    "S4A12345_20200601_043000.wav": "SM4",
    "S4A12345_20200601_043000.WAV": "capital extension",
    "WL-07_north_bog_20200601_043000.flac": "dashes and underscores in the prefix",
    "SM2_0_20200601_043000.wav": "left channel",
    "SM2_1_20200601_043000.wav": "right channel",
    "SM3_0+1_20200601_043000.wav": "both channels",
    "SM3_0+1_20200601$043000.wav": "set by GPS, both channels",
    "SM4_20200601$043000.wav": "set by GPS",
    "REC_20200601_043000": "a recording id",
    "REC_20200601_043000_chunk_0_60000.wav": "a chunk of it",
}
STATED = {
    "20200601_043000.WAV": "2020-06-01T04:30:00+00:00",
    "20200601_043000T.WAV": "2020-06-01T04:30:00+00:00",
    "24F3190361D8B5B8_20200601_043000.WAV": "2020-06-01T04:30:00+00:00",
    "5B07FAC0.WAV": "2018-05-25T12:00:00+00:00",
    "5b07fac0.wav": "2018-05-25T12:00:00+00:00",
    "20191125T000000+1000_REC [-27.5 153.0].flac": "2019-11-25T00:00:00+10:00",
    "20191125T233000-0330_Bowra Rd_[1 2].flac": "2019-11-25T23:30:00-03:30",
    "20191125T000000Z_REC.flac": "2019-11-25T00:00:00+00:00",
}
NO_START = [
    *("", "REC", "20200601.wav", "12345678.wav", "DEADBEEF.wav", "00000000_000000.WAV"),
    *("S_20200231_043000.wav", "S_20200601_240000.wav", "S_20200601_235960.wav"),
    *("S_20200601_0430.wav", "S_20200601_043000_copy.wav", "\uff12\uff10200601_043000.wav"),
]


def told(name: str, timezone: str | None = None) -> Any:
    start = load_rules(None, timezone).start(name)
    return None if start is None else start.isoformat()


@pytest.mark.parametrize("name", SITE)
def test_names_that_tell_the_clock_of_the_site(name: str) -> None:
    assert told(name) == "2020-06-01T04:30:00"
    assert told(name, "America/Edmonton") == "2020-06-01T04:30:00-06:00"


@pytest.mark.parametrize("name", STATED)
def test_names_whose_offset_is_known(name: str) -> None:
    assert told(name) == STATED[name]


@pytest.mark.parametrize("name", NO_START)
def test_names_that_tell_no_start(name: str) -> None:
    assert told(name) is None


def test_universal_time_is_told_in_the_zone_of_the_site() -> None:
    assert told("20200601_043000.WAV", "America/Yellowknife") == "2020-05-31T22:30:00-06:00"
    assert told("5B07FAC0.WAV", "+02:00") == "2018-05-25T14:00:00+02:00"


def test_a_rule_may_say_that_bare_names_tell_the_clock_of_the_site(tmp_path: Any) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[time]\ntimezone = "-07:00"\nbare_names = "site"\n')
    start = load_rules(str(rules)).start("20200601_043000.WAV")
    assert start is not None
    assert start.isoformat() == "2020-06-01T04:30:00-07:00"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("S_20200308_015959.wav", "2020-03-08T01:59:59-07:00"),
        ("S_20200308_023000.wav", "2020-03-08T03:30:00-06:00"),
        ("S_20200308_030000.wav", "2020-03-08T03:00:00-06:00"),
        ("S_20201101_013000.wav", "2020-11-01T01:30:00-06:00"),
        ("S_20201101_020000.wav", "2020-11-01T02:00:00-07:00"),
    ],
)
def test_hours_that_daylight_saving_skips_or_repeats(name: str, start: str) -> None:
    assert told(name, "America/Edmonton") == start


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "+15:00", "-07:75", "../etc/passwd", "EDT5"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        read_zone(zone)


@pytest.mark.parametrize("zone", ["UTC", "utc", "Z", "+00:00", "UTC+0", "-0000"])
def test_universal_time_has_many_names(zone: str) -> None:
    assert told("S_20200601_043000.wav", zone) == "2020-06-01T04:30:00+00:00"


@pytest.mark.parametrize("zone", [None, "-07:00", "+14:00", "America/Edmonton"])
@pytest.mark.parametrize(
    "name",
    [
        "99991231_235959.wav",
        "S_00010101_000000.wav",
        "99991231T235959-2359_REC.wav",
        "00010101T000000+2359_REC.wav",
        "S_18991231_235959.wav",
    ],
)
def test_a_year_of_no_recorder_is_no_start_in_any_zone(name: str, zone: str | None) -> None:
    assert load_rules(None, zone).start(name) is None
