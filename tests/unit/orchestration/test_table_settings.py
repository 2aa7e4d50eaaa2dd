"""How tables are made, as a flow, a script and a command are told it."""

from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.meta import read_zone
from badc.orchestration import TableSettings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    monkeypatch.delenv("BADC_TIMEZONE", raising=False)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    (tmp_path / "ds" / "audio").mkdir(parents=True)
    return tmp_path / "ds"


def test_a_dataset_needs_no_option_for_its_own_recordings(dataset):
    assert TableSettings().words(dataset) == ["--audio-dir=audio", "--dedupe", "--allow-mixed"]
    (dataset / "audio").rmdir()
    assert TableSettings().words(dataset) == ["--dedupe", "--allow-mixed"]


def test_paths_are_the_datasets_and_a_script_finds_them_from_anywhere(dataset):
    (dataset / "rules.toml").write_text('[time]\ntimezone = "-07:00"\n')
    settings = TableSettings(places="rules.toml", keep_doubles=True)
    words = settings.words(dataset)
    assert words[0] == f"--places={dataset / 'rules.toml'}"
    assert read_zone(words[1].removeprefix("--timezone=")) == read_zone("-07:00")
    assert "--dedupe" not in words
    assert settings.arguments(dataset) == {
        "places": str(dataset / "rules.toml"),
        "timezone": None,
        "audio_dir": dataset / "audio",
        "dedupe": False,
        "allow_mixed": True,
    }


@pytest.mark.parametrize(
    ("typed", "saved", "expected"),
    [
        ("UTC", "-07:00", "UTC"),
        (None, "-07:00", "UTC-07:00"),
        (None, None, "America/St_Johns"),
    ],
)
def test_the_sites_zone_is_what_stands_nearest(dataset, monkeypatch, typed, saved, expected):
    monkeypatch.setenv("BADC_TIMEZONE", "America/St_Johns")
    (dataset / "rules.toml").write_text(f'[time]\ntimezone = "{saved}"\n' if saved else "")
    settings = TableSettings(places="rules.toml", timezone=typed)
    assert str(settings.rules(dataset).site_zone) == expected
    assert f"--timezone={expected}" in settings.words(dataset)  # another machine has another


def test_an_empty_variable_names_no_zone_and_a_wrong_one_is_named(dataset, monkeypatch):
    monkeypatch.setenv("BADC_TIMEZONE", "")
    assert TableSettings().rules(dataset).site_zone is None
    monkeypatch.setenv("BADC_TIMEZONE", "Mars")
    with pytest.raises(UsageError, match="BADC_TIMEZONE: 'Mars' is no time zone"):
        TableSettings().check(dataset)
    TableSettings(timezone="UTC").check(dataset)


def test_a_folder_that_is_not_there_is_refused(dataset):
    with pytest.raises(UsageError, match="night: is no folder"):
        TableSettings(audio_dir=Path("night")).check(dataset)
