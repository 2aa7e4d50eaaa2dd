"""Run the benchmarks named on the command line, or all: ``python -m benchmarks [NAME …]``.

Each is a process of its own, so that none sees what another left behind; at the end all figures
stand in one table. Limits that are missed are shown, not failed: the exit code is 1 only where a
benchmark could not be run.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks._finished import SHARED, bench_folder
from benchmarks._machine import machine
from benchmarks._rows import Row, of_benchmark, read_rows, table, write_rows
from benchmarks._spent import ROOT

NAMES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")
)


def main() -> int:
    """Measure, print the table, and write it as JSON if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in NAMES:
            parser.error(f"there is no benchmark '{name}'; choose from {', '.join(NAMES)}")
    described = machine()  # before anything is measured: how busy it was then
    rows: list[Row] = []
    codes = set()
    with bench_folder() as folder:
        for name in asked.names or NAMES:
            measured, code = _measured(name, folder)
            rows += measured
            codes.add(code)
    print("\n".join(["", *described, "", table(rows)]), flush=True)
    if asked.json:
        write_rows(asked.json, described, rows)
    return 1 if any(codes) else 0


def _measured(name: str, folder: Path) -> tuple[list[Row], int]:
    """Return a benchmark's rows and its exit code."""
    told = folder / f"{name}.json"
    code = subprocess.run(
        [sys.executable, "-m", "benchmarks._one", name, told],
        cwd=ROOT,
        env=os.environ | {SHARED: str(folder)},
        check=False,
    ).returncode
    if told.exists():
        return read_rows(told), code
    return of_benchmark([Row.absent("could not be run", f"it ended with code {code}")], name), code


if __name__ == "__main__":
    sys.exit(main())
