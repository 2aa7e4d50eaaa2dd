"""The long run: ``python -m tests.fuzz --inputs 100000``."""

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fuzz.running import EscapedError, fuzz
from tests.fuzz.targets import TARGETS

parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
parser.add_argument("--inputs", type=int, default=100_000, help="documents for each reader")
parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same documents")
parser.add_argument("--only", default="", help="readers whose name holds this")
asked = parser.parse_args()

print(f"{'reader':34}{'inputs':>9}{'refused':>9}{'accepted':>9}{'seconds':>9}{'seed':>6}")
failed = 0
for target in TARGETS:
    if asked.only not in target.name:
        continue
    try:
        came = fuzz(target, asked.inputs, asked.seed)
    except EscapedError as error:
        failed += 1
        kept = Path(tempfile.gettempdir()) / f"badc-fuzz-{target.name.replace(' ', '-')}"
        kept.write_bytes(error.raw)
        traceback.print_exception(error)
        print(f"{target.name:34}the input is kept in {kept}", flush=True)
    else:
        counts = f"{came.inputs:9,}{came.refused:9,}{came.accepted:9,}"
        print(f"{came.target:34}{counts}{came.seconds:9.0f}{came.seed:6}", flush=True)
sys.exit(bool(failed))
