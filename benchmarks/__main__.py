"""Run the benchmarks named on the command line, or all of them."""

import importlib
import sys
from pathlib import Path

_NAMES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")
)


def main() -> int:
    """Run them in order; each prints its own table."""
    chosen = sys.argv[1:] or _NAMES
    for name in chosen:
        if name not in _NAMES:
            print(f"There is no benchmark '{name}'. Choose from {', '.join(_NAMES)}.")
            return 2
    for name in chosen:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n== {name}: {module.__doc__.splitlines()[0]}", flush=True)
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
