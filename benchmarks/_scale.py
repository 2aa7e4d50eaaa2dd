"""How much is measured: the usual, less with BENCH_QUICK=1, or what a variable of its own says."""

import os


def scaled(variable: str, usual: int, quick: int) -> int:
    """Return a count: the environment variable's, if it is set."""
    return int(os.environ.get(variable) or (quick if os.environ.get("BENCH_QUICK") else usual))
