"""``python -m tests.faults.soak --chunks 10000 --seed 7``: a night's faults in some minutes."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.soak.night import report, soak


def main() -> int:
    """Soak, print the report, and return 0 where nothing was lost, repeated or left."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    words.add_argument("--chunks", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311
    words.add_argument("--folder", type=Path, help="keep everything here")
    asked = words.parse_args()
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="badc-soak-"))).absolute()
    night = soak(folder, asked.chunks, asked.seed)
    print(report(night))
    if not night.faults and asked.folder is None:
        shutil.rmtree(folder)
    return 1 if night.faults else 0


if __name__ == "__main__":
    sys.exit(main())
