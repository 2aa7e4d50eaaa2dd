"""HawkEars' tables: as its runner reads them, and as the aggregation does."""

import json
from pathlib import Path

from badc.aggregate.careful import read_carefully
from badc.runners.hawkears.labels_csv import read_v1, read_v2
from badc.runners.hawkears.species import SpeciesList
from tests.fuzz.inventing import odd_csv
from tests.fuzz.target import Target
from tests.fuzz.targets.detections import check_detections

_V1 = (
    (
        "filename,start_time,end_time,class_name,class_code,score\n"
        "c.wav,0.0,3.0,Ovenbird,OVEN,0.91\nc.wav,1.5,4.5,Tennessee Warbler,TEWA,0.5\n"
    ),
)
_V2 = (
    "recording,name,start_time,end_time,score\nc,OVEN,0.0,3.0,0.91\nc,Ovenbird,57.0,60.5,1\n",
    "recording,name,start_time,end_time,score\na,OVEN,0.0,3.0,0.91\nc,OVEN,57.0,60.5,0.2\n",
)
_CLASSES = ("Name,Code,AltName,AltCode\nOvenbird,OVEN,Seiurus aurocapilla,ovenbi1\n",)
_PAYLOAD = {"chunk_id": "c", "recording_id": "R", "chunk": {"start_ms": 0, "end_ms": 60_000}}


def _read_v1(path: Path) -> bool:
    detections = read_v1(path, 60.0)
    check_detections(detections)
    assert all(each.end_ms is not None and each.end_ms <= 60_000 for each in detections)
    return bool(detections)


def _read_v2(path: Path) -> bool:
    detections = read_v2(path, 60.0, SpeciesList(path.parent).find)
    check_detections(detections)
    assert all(each.end_ms is not None and each.end_ms <= 60_000 for each in detections)
    return bool(detections)


def _read_raw(path: Path) -> bool:
    """Have the aggregation read the table that a payload leaves to it."""
    payload = path.parent / "c.json"
    if not payload.exists():
        payload.write_text(json.dumps({**_PAYLOAD, "status": "ok", "hawkears_output": "."}))
    read = read_carefully(str(payload), lambda _: None)
    assert read is not None
    check_detections(read.detections)
    return bool(read.detections)


def _read_classes(path: Path) -> bool:
    data = path.parent / "data"
    data.mkdir(exist_ok=True)
    path.replace(data / "classes.csv")
    species = SpeciesList(path.parent).find("OVEN")
    return species.name == "Ovenbird"


HAWKEARS = (
    Target("HawkEars 1.x labels, runner", "HawkEars_labels.csv", odd_csv, _V1, _read_v1),
    Target("HawkEars 2.x scores, runner", "scores.csv", odd_csv, _V2, _read_v2),
    Target("HawkEars 1.x labels, aggregate", "HawkEars_labels.csv", odd_csv, _V1, _read_raw),
    Target("HawkEars 2.x scores, aggregate", "scores.csv", odd_csv, _V2, _read_raw),
    Target("HawkEars 2.x classes", "classes.csv", odd_csv, _CLASSES, _read_classes),
)
