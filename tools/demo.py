"""``make demo``: a real recording, cut into chunks, heard by BirdNET, its birds named.

Runs the commands that a user would type, shows them, and leaves everything in ``demo/``.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from badc.detections import read_result

ROOT = Path(__file__).resolve().parent.parent
RECORDING = ROOT / ".cache" / "recordings" / "CommonYellowthroat.mp3"
DEMO = ROOT / "demo"


def badc(*words: str) -> None:
    """Type one ``badc`` command; end the demo where it fails."""
    sys.stdout.write(f"\n$ badc {shlex.join(words)}\n")
    sys.stdout.flush()
    program = Path(sys.executable).with_name("badc")
    ended = subprocess.run([str(program), *words], cwd=DEMO, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


def show_detections() -> None:
    """Print what was heard, in the recording's own time."""
    sys.stdout.write("\nHeard:\n")
    for path in sorted((DEMO / "artifacts" / "infer").rglob("*.json")):
        result = read_result(path)
        for detection in result.detections:
            sys.stdout.write(
                f"  {result.key.chunk_id}"
                f"  {(detection.timestamp_ms or 0) / 1000:6.2f} s"
                f"  {detection.label_name or detection.label}"
                f"  {detection.confidence or 0:.3f}\n"
            )
    sys.stdout.write(
        f"\nEverything lies in {DEMO}:\n"
        "  chunks and manifest     CommonYellowthroat*\n"
        "  detections (JSON)       artifacts/infer/\n"
        "  telemetry and summary   data/telemetry/infer/\n"
    )


def main() -> None:
    """Fetch the recording once, then chunk it and listen."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "fetch_recording.py")], check=True)
    DEMO.mkdir(exist_ok=True)
    recording = DEMO / RECORDING.name
    shutil.copyfile(RECORDING, recording)
    badc("chunk", "run", recording.name, "--chunk-duration", "3", "--manifest", "manifest.csv")
    badc("infer", "run", "manifest.csv", "--runner", "birdnet", "--cpu-workers", "2")
    show_detections()


if __name__ == "__main__":
    main()
