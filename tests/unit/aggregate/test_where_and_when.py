import json
from pathlib import Path
from typing import Any

from badc.aggregate import Origins
from badc.meta import load_rules

PLACE = ("study_area", "location", "recording_date_time", "detection_date_time")


def told(
    tree: Any,
    payload: Any,
    detection: Any,
    *,
    places: Any = None,
    timezone: Any = None,
    recordings: Any = None,
    **fields: Any,
) -> Any:
    tree.put("c1.json", payload("c1", detection, **fields))
    tree.aggregate(origins=Origins(load_rules(places, timezone), recordings or {}))
    row = tree.rows()[0]
    return tuple(row[name] for name in PLACE)


def test_the_recording_id_tells_when(tree: Any, payload: Any, call: Any) -> None:
    assert told(
        tree,
        payload,
        call(1_500, 2_000),
        start_ms=60_000,
        recording_id="S4A_20200601_043000",
        timezone="America/Edmonton",
    ) == (None, None, "2020-06-01T04:30:00-06:00", "2020-06-01T04:31:01.500-06:00")


def test_without_a_zone_no_offset_is_made_up(tree: Any, payload: Any, call: Any) -> None:
    assert told(tree, payload, call(0, 1), recording_id="S4A_20200601_043000")[2:] == (
        "2020-06-01T04:30:00",
        "2020-06-01T04:30:00.000",
    )


def test_midnight_is_passed(tree: Any, payload: Any, call: Any) -> None:
    assert told(
        tree, payload, call(60_000, 61_000), recording_id="S_20191231_235930", timezone="+01:00"
    )[3] == ("2020-01-01T00:00:30.000+01:00")


def test_daylight_saving_that_begins_within_a_recording_is_followed(
    tree: Any, payload: Any, call: Any
) -> None:
    assert told(
        tree,
        payload,
        call(3_600_000, 3_601_000),
        recording_id="S_20200308_013000",
        timezone="America/Edmonton",
    )[2:] == ("2020-03-08T01:30:00-07:00", "2020-03-08T03:30:00.000-06:00")


def test_daylight_saving_that_ends_within_a_recording_is_followed(
    tree: Any, payload: Any, call: Any
) -> None:
    assert told(
        tree,
        payload,
        call(3_600_000, 3_601_000),
        recording_id="S_20201101_013000",
        timezone="America/Edmonton",
    )[2:] == ("2020-11-01T01:30:00-06:00", "2020-11-01T01:30:00.000-07:00")


def test_a_detection_of_unknown_time_has_no_local_time(tree: Any, payload: Any) -> None:
    assert told(tree, payload, {"label": "X"}, recording_id="S_20200601_043000")[3] is None


def test_known_recordings_tell_the_place(tree: Any, payload: Any, call: Any) -> None:
    where = Path("/x/Willow Lake/ARU_data/SM4/WL-07/A/Data/S_20200601_043000.wav")
    assert told(
        tree,
        payload,
        call(),
        recording_id="S_20200601_043000",
        places="aru-data",
        recordings={"S_20200601_043000": where},
    )[:2] == ("Willow Lake", "WL-07")


def test_the_chunk_status_file_tells_the_recording(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    chunks = tmp_path / "artifacts" / "chunks" / "REC"
    chunks.mkdir(parents=True)
    status = {"recording_id": "REC", "audio_path": "audio/Study/St 1/20200601_043000.WAV"}
    (chunks / ".chunk_status.json").write_text(json.dumps(status))
    assert told(
        tree,
        payload,
        call(0, 1),
        recording_id="REC",
        source_path="artifacts/chunks/REC/c1.wav",
        dataset_root=str(tmp_path),
        places="station",
    ) == ("Study", "St 1", "2020-06-01T04:30:00+00:00", "2020-06-01T04:30:00.000+00:00")


def test_chunks_beside_their_recording_tell_the_place(tree: Any, payload: Any, call: Any) -> None:
    assert told(
        tree,
        payload,
        call(),
        source_path="Study/AudioMoth/Station 3/R_chunks/R_chunk_0_60000.wav",
        places="aru-type",
    )[:2] == ("Study", "Station 3")


def test_chunks_whose_paths_are_relative_to_the_manifest_tell_the_place(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "Study" / "Station 3"
    (folder / "R_chunks").mkdir(parents=True)
    manifest = folder / "R_chunks.csv"
    manifest.write_text("recording_id,chunk_id,source_path\nR,c1,R_chunks/c1.wav\n")
    tree.put("c1.json", payload("c1", call(), source_path="R_chunks/c1.wav"))
    origins = Origins.read("station")
    assert tree.aggregate(origins=origins).unplaced_recordings == 1
    assert tree.aggregate(origins=origins, manifest=manifest).unplaced_recordings == 0
    assert (tree.rows()[0]["study_area"], tree.rows()[0]["location"]) == ("Study", "Station 3")


def test_guano_in_the_recording_comes_before_its_name(
    tree: Any, payload: Any, call: Any, tmp_path: Path
) -> None:
    audio = tmp_path / "S_20200601_043000.wav"
    stamp = b"Timestamp:2020-06-01T04:30:02-07:00\n"
    head = b"RIFF\0\0\0\0WAVEdata\x03\0\0\0abc\0guan" + len(stamp).to_bytes(4, "little")
    audio.write_bytes(head + stamp)
    tree.put("c1.json", payload("c1", call(0, 1), recording_id=audio.stem))
    tree.aggregate(origins=Origins.read(audio_dir=tmp_path))
    assert tree.rows()[0]["recording_date_time"] == "2020-06-01T04:30:02-07:00"


def test_a_folder_of_nothing_but_chunks_is_no_place(tree: Any, payload: Any, call: Any) -> None:
    assert told(
        tree,
        payload,
        call(),
        source_path="artifacts/chunks/R/R_chunk_0_60000.wav",
        places="station",
    )[:2] == (None, None)


def test_effort_bears_the_place_too(tree: Any, payload: Any, call: Any) -> None:
    told(
        tree,
        payload,
        call(),
        recording_id="S_20200601_043000",
        source_path="Study/Station 3/S_20200601_043000.wav",
        places="station",
    )
    row = tree.effort()[0]
    assert (row["study_area"], row["location"], str(row["recording_date_time"])) == (
        "Study",
        "Station 3",
        "2020-06-01 04:30:00",
    )
