"""One benchmark in a process of its own: ``python -m benchmarks._one NAME FILE``.

Its rows go to FILE. Where it fails they are a single one, which says why; the exit code is then 1.
"""

import importlib
import sys
import traceback
from pathlib import Path

from benchmarks._rows import Row, of_benchmark, write_rows

_MOST = 240


def main() -> int:
    """Measure what the command line says."""
    name, told = sys.argv[1], Path(sys.argv[2])
    module = importlib.import_module(f"benchmarks.{name}")
    print(f"{name}: {module.__doc__.splitlines()[0].replace('``', '')}", flush=True)
    code = 0
    try:
        rows = module.measure()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the others are still to be run
        traceback.print_exc()
        rows, code = [Row.absent("could not be run", _in_a_line(error))], 1
    write_rows(told, (), of_benchmark(rows, name))
    return code


def _in_a_line(error: BaseException) -> str:
    """Return what an error says; of a long text what it begins and what it ends with."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return said if len(said) <= _MOST else f"{said[: _MOST // 3]} … {said[-_MOST // 2 :]}"


if __name__ == "__main__":
    sys.exit(main())
