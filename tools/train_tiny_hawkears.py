"""Make a HawkEars 2.x data root that works without downloading a model.

    VENV/bin/python tools/train_tiny_hawkears.py ROOT

ROOT gets the settings and tables of the ``hawkears`` package and, in ``data/ckpt``, three
checkpoints fitted here to the one recording that the package brings: its Common Yellowthroat is
COYE, and noise, hum and beeps are nothing. They stand in for the real models in tests and are no
bird classifiers. Takes one to three minutes on two cores.
"""

import copy
import csv
import datetime as dt
import os
import sys
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "badc" / "runners" / "hawkears"))
os.environ.setdefault("BRITEKIT_INFERENCE_ONLY", "1")

from listener_v2 import mend_torchvision

mend_torchvision()  # before anything imports torchvision

import britekit  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from britekit.core import util  # noqa: E402
from britekit.core.audio import Audio  # noqa: E402
from britekit.models.effnet import EffNetModel  # noqa: E402
from hawkears.core import initializer  # noqa: E402
from hawkears.core.config_loader import get_config  # noqa: E402
from torch.nn.functional import binary_cross_entropy_with_logits  # noqa: E402

SONG = "recordings/CommonYellowthroat.mp3"
SONG_CODE = "COYE"
MODELS = 3
STEPS = 60
HEAD_STEPS = 150
KEPT_BATCHES = 8
SEED = 100


class Ear:
    """Turns three seconds of sound into what a model of this configuration looks at."""

    def __init__(self, config: Any) -> None:  # noqa: ANN401 - OmegaConf
        self.rate_hz: int = config.audio.sampling_rate
        self.samples = int(self.rate_hz * config.audio.spec_duration)
        self._power = config.infer.audio_power
        self._audio = Audio(device="cpu", cfg=config)

    def load(self, path: Path) -> np.ndarray:
        """Return a recording's samples at this configuration's rate."""
        return self._audio.load(str(path))[0]

    def see(self, sound: np.ndarray) -> np.ndarray:
        """Return the spectrogram of ``samples`` samples, as HawkEars would feed it."""
        self._audio.signal = sound.astype(np.float32)
        spectrograms, _ = self._audio.get_spectrograms([0], skip_cache=True)
        return spectrograms**self._power


def songs(ear: Ear, song: np.ndarray, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return windows of the song at random places and loudness, with some noise."""
    windows = []
    for _ in range(count):
        start = int(rng.uniform(0, max(1, len(song) - ear.samples)))
        window = np.resize(song[start : start + ear.samples], ear.samples)
        noise = rng.normal(0, rng.uniform(0, 0.02), ear.samples)
        windows.append(window * rng.uniform(0.2, 1.5) + noise)
    return windows


def other_sounds(ear: Ear, rng: np.random.Generator) -> list[np.ndarray]:
    """Return silence, noise (hiss or rumble) and two rows of beeps."""
    seconds = np.arange(ear.samples) / ear.rate_hz
    hiss = rng.normal(0, 0.05, ear.samples)
    rumble = np.cumsum(rng.normal(0, 1, ear.samples)) * 1e-3
    beeps = []
    for _ in range(2):
        pitch_hz = rng.uniform(300, min(9000, ear.rate_hz / 2.2))
        on = np.sin(2 * np.pi * rng.uniform(0.5, 6) * seconds) > 0
        tone = 0.3 * np.sin(2 * np.pi * pitch_hz * seconds) * on
        beeps.append(tone + rng.normal(0, 0.01, ear.samples))
    return [np.zeros(ear.samples), hiss if rng.random() < 0.5 else rumble, *beeps]


def batch(
    ear: Ear, song: np.ndarray, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return four spectrograms with the song and four without, and 1 or 0 for each."""
    others = other_sounds(ear, rng)
    sounds = songs(ear, song, len(others), rng) + others
    seen = np.concatenate([ear.see(sound) for sound in sounds])
    truth = [1.0] * len(others) + [0.0] * len(others)
    return torch.from_numpy(seen[:, None]).float(), torch.tensor(truth)


def loss_of(
    scores: torch.Tensor, truth: torch.Tensor, target: int, weight_of_others: float
) -> torch.Tensor:
    """Return how wrong the scores (batch, class, ...) are; all classes but one should be 0."""
    shape = (-1,) + (1,) * (scores.ndim - 2)
    wanted = torch.zeros_like(scores)
    wanted[:, target] = truth.view(shape)
    weights = torch.full_like(scores, weight_of_others)
    weights[:, target] = 1.0
    each = binary_cross_entropy_with_logits(scores, wanted, reduction="none")
    return (each * weights).sum(1).mean()


def fit(model: Any, ear: Ear, song: np.ndarray, target: int) -> None:  # noqa: ANN401
    """Teach the whole model, then its last layers once more as they are used afterwards."""
    rng = np.random.default_rng(SEED)
    batches = []
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    model.train()
    for step in range(STEPS):
        seen, truth = batch(ear, song, rng)
        batches = [*batches[1 - KEPT_BATCHES :], (seen, truth)]
        segment, frames = model(seen)
        loss = loss_of(segment, truth, target, 0.05) + loss_of(frames, truth, target, 0.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 19:
            sys.stdout.write(f"step {step + 1} of {STEPS}: loss {loss.item():.3f}\n")
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # average over what follows
    with torch.no_grad():
        for seen, _ in batches:
            model(seen)
        model.eval()
        features = torch.cat([model.backbone(seen) for seen, _ in batches])
    truth = torch.cat([each for _, each in batches])
    optimizer = torch.optim.AdamW(model.head.parameters(), lr=5e-3)
    for _ in range(HEAD_STEPS):
        _, frames = model.head(features)
        loss = loss_of(frames, truth, target, 0.02)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def checkpoint(config: Any, classes: list[dict[str, str]], ear: Ear, song: np.ndarray) -> dict:  # noqa: ANN401
    """Return one fitted model in BriteKit's checkpoint form."""
    torch.manual_seed(SEED)
    codes = [row["Code"] for row in classes]
    makeup = {
        "model_type": "effnet.1",
        "head_type": "temporal_sed",
        "hidden_channels": 64,
        "train_class_names": [row["Name"] for row in classes],
        "train_class_codes": codes,
        "train_class_alt_names": [row["AltName"] for row in classes],
        "train_class_alt_codes": [row["AltCode"] for row in classes],
        "num_train_specs": 0,
        "multi_label": True,
    }
    model = EffNetModel(**makeup)
    model.cfg = config
    torch.nn.init.constant_(model.head.frame_head.bias, -5.0)  # expect nothing
    fit(model, ear, song, codes.index(SONG_CODE))
    return {
        "epoch": 0,
        "hyper_parameters": makeup,
        "state_dict": model.state_dict(),
        "training_date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "training_cfg": util.cfg_to_pure(config),
        "britekit_version": britekit.__version__,
    }


def sibling(first: dict, number: int) -> dict:
    """Return a slightly different member of the ensemble: small noise on every weight."""
    generator = torch.Generator().manual_seed(SEED + number)
    member = copy.copy(first)
    member["state_dict"] = {
        name: value + 0.005 * value.abs().mean() * torch.randn(value.shape, generator=generator)
        if value.is_floating_point() and "running" not in name
        else value
        for name, value in first["state_dict"].items()
    }
    return member


def main(root: Path) -> None:
    """Build the data root."""
    torch.set_flush_denormal(True)
    # the package's own way to lay out a root, but for the models that it would download
    initializer.initialize(root, downloader=lambda _, folder: folder.mkdir(parents=True))
    config = get_config(data_root=root)
    with (root / "data" / "classes.csv").open(encoding="utf-8-sig", newline="") as stream:
        classes = list(csv.DictReader(stream))
    ear = Ear(config)
    first = checkpoint(config, classes, ear, ear.load(root / SONG))
    for number in range(MODELS):
        member = first if number == 0 else sibling(first, number)
        member["identifier"] = str(uuid.uuid4()).upper()
        torch.save(member, root / "data" / "ckpt" / f"tiny{number + 1}.ckpt")
    sys.stdout.write(f"{root}: {MODELS} checkpoints, {len(classes)} classes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
