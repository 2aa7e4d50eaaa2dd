"""How long a plan takes, by the logs of earlier runs."""

import json

from badc.orchestration import OrchestrateRequest, forecast, plan_dataset


def _log(dataset, *events: dict[str, object]) -> None:
    folder = dataset / "artifacts" / "telemetry" / "infer"
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "a.jsonl").write_text(text + '{"torn')


def _event(chunk: int, runtime_s: float, status: str = "success", **more: object):
    return {
        "recording_id": "a", "chunk_id": f"a_{chunk}", "worker": "w", "status": status,
        "runtime_s": runtime_s, "gpu_index": None, **more,
    }  # fmt: skip


def _forecast(dataset):
    plan = plan_dataset(OrchestrateRequest(dataset=dataset, runner="stub"))
    return forecast(plan, dataset / "artifacts" / "telemetry")


def test_speed_is_audio_heard_per_second_worked_failures_included(dataset, recording):
    recording("a", 4)
    _log(
        dataset,
        _event(0, 0.25),
        _event(1, 0.5, "failure"),
        _event(1, 0.25),
        _event(2, 0.01, gpu_index=0),
        _event(3, 0.0, "start"),
    )
    found = _forecast(dataset)
    assert (found.chunks, found.audio_s, found.longest_s) == (4, 4.0, 4.0)
    assert found.audio_s_per_s == {"cpu": 2.0, "gpu": 100.0}
    assert found.hours("cpu") == 4 / 2 / 3600


def test_nothing_is_promised_before_anything_was_measured(dataset, recording):
    recording("a", 4)
    found = _forecast(dataset)
    assert found.hours("gpu") is None
    assert found.slurm_time(gpus=4, cpus=4) is None


def test_chunks_of_other_recordings_count_by_what_their_events_say(dataset, recording):
    recording("a", 1)
    _log(dataset, _event(99, 2.0, details={"audio_s": 60.0}), _event(98, 5.0))
    assert _forecast(dataset).audio_s_per_s == {"cpu": 30.0}


def test_slurm_time_fits_the_longest_recording_with_something_to_spare(dataset, recording):
    recording("a", 3)
    recording("b", 1800)
    _log(dataset, _event(0, 1.0), _event(1, 0.5, gpu_index=0))
    found = _forecast(dataset)
    assert found.slurm_time(gpus=0, cpus=1) == "00:50:00"  # (300 + 1.5 times 1800) s = 50 min
    assert found.slurm_time(gpus=1, cpus=0) == "00:30:00"  # twice as fast, rounded up
    assert found.slurm_time(gpus=0, cpus=0) is None
