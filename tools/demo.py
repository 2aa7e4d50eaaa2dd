"""``make demo``: a real recording, cut into chunks, heard by BirdNET, its birds named.

Runs the commands that a user would type, shows them, and leaves everything in ``demo/``.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from badc.detections import read_result
from badc.manifest import read_manifest

ROOT = Path(__file__).resolve().parent.parent
RECORDING = ROOT / ".cache" / "recordings" / "CommonYellowthroat.mp3"
DEMO = ROOT / "demo"
PARQUET = "artifacts/aggregate/detections.parquet"


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
    for chunk in read_manifest(DEMO / "manifest.csv"):
        result = (
            DEMO / "artifacts" / "infer" / chunk.key.recording_id / f"{chunk.key.chunk_id}.json"
        )
        for detection in read_result(result).detections:
            start_s, end_s = (
                ((chunk.start_ms or 0) + (time_ms or 0)) / 1000
                for time_ms in (detection.timestamp_ms, detection.end_ms)
            )
            sys.stdout.write(
                f"  {chunk.key.recording_id}  {start_s:5.2f} to {end_s:5.2f} s"
                f"  {detection.label_name}  (confidence {detection.confidence:.3f})\n"
            )
    sys.stdout.write(
        f"\nEverything lies in {DEMO}:\n"
        "  chunks and manifest     CommonYellowthroat*\n"
        "  detections (JSON)       artifacts/infer/\n"
        "  telemetry and summary   data/telemetry/infer/\n"
        "  one table, and a page   artifacts/aggregate/\n"
    )


def main() -> None:
    """Fetch the recording once, chunk it, listen, and make a table and a page of what was heard."""
    fetching = [sys.executable, str(ROOT / "tools" / "fetch_recording.py")]
    ended = subprocess.run(fetching, check=False)
    if ended.returncode:  # it has said why
        sys.exit(ended.returncode)
    DEMO.mkdir(exist_ok=True)
    recording = DEMO / RECORDING.name
    shutil.copyfile(RECORDING, recording)
    badc("chunk", "run", recording.name, "--chunk-duration", "3", "--manifest", "manifest.csv")
    badc("infer", "run", "manifest.csv", "--runner", "birdnet", "--cpu-workers", "2")
    badc("infer", "aggregate", "artifacts/infer", "--parquet", PARQUET)
    badc("report", "html", "--parquet", PARQUET)
    show_detections()


if __name__ == "__main__":
    main()
