from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.meta import PRESETS, Place, load_rules

WILLOW = Place("Willow Lake", "WL-07")


def place(places: str, path: str) -> Place:
    return load_rules(places).place(Path(path).parent.parts)


@pytest.mark.parametrize(
    ("preset", "path"),
    [
        ("aru-data", "/x/Willow Lake/ARU_data/SM4/WL-07/A/Data/r.wav"),
        ("aru-data", "/x/Willow Lake/aru_DATA/SM4/WL-07/B/data/r.wav"),
        ("aru-data", "/x/Willow Lake/ARU_data/SM4/WL-07/A/r.wav"),
        ("aru-data", "/x/Willow Lake/ARU_data/SM4/WL-07/Data/r.wav"),
        ("aru-data", "/x/Willow Lake/ARU_data/SM4/WL-07/r.wav"),
        ("aru-type", "/x/Willow Lake/AudioMoth/WL-07/r.wav"),
        ("aru-type", "/x/Willow Lake/AudioMoth/WL-07/Data/r.wav"),
        ("station", "/x/Willow Lake/WL-07/r.wav"),
        ("station", "Willow Lake/WL-07/Data/r.wav"),
    ],
)
def test_presets_read_their_folder_trees(preset: str, path: str) -> None:
    assert place(preset, path) == WILLOW


def test_folders_that_fit_no_pattern_tell_nothing() -> None:
    assert place("aru-data", "/x/Willow Lake/AudioMoth/WL-07/r.wav") == Place()
    assert place("aru-type", "WL-07/r.wav") == Place()


def test_the_first_pattern_that_fits_is_taken(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[places]\npatterns = ["{study_area}/plots/{location}", "{location}/{card:A|B}"]\n'
    )
    assert place(str(rules), "/Fen/plots/7/r.wav") == Place("Fen", "7")
    assert place(str(rules), "/Fen/7/B/r.wav") == Place(None, "7")
    assert place(str(rules), "/Fen/7/C/r.wav") == Place()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[places]\npatterns = ["{recorder}/x"]', "neither"),
        ('[places]\npatterns = ["{location}/{location}"]', "no folder pattern"),
        ('[places]\npatterns = ["{location"]', "no folder pattern"),
        ('[places]\npatterns = [""]', "no folder pattern"),
        ('[places]\npatterns = "{location}"', "list of texts"),
        ("[places]\npatterns = [5]", "no folder pattern|neither"),
        ('[places]\npattern = ["{location}"]', "unknown key"),
        ('[place]\npatterns = ["{location}"]', "unknown"),
        ("places = 5", "unknown"),
        ('[time]\ntimezone = "Nowhere"', "no time zone"),
        ("[time]\ntimezone = 7", "not a text"),
        ('[time]\nbare_names = "local"', "bare_names"),
        ("[places", "not readable as TOML"),
        ("x = " + "[" * 5000, "not readable as TOML"),
        ("x = " + "9" * 5000, "not readable as TOML"),
    ],
)
def test_rules_that_are_wrong_are_refused_with_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(text)
    with pytest.raises(UsageError, match=reason):
        load_rules(str(rules))


def test_rules_that_are_not_there_name_the_presets(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=", ".join(PRESETS)):
        load_rules(str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match="aru-data"):
        load_rules(str(tmp_path))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        load_rules(str(rules))
