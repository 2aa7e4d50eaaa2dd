"""Take each protection of ``docs/guarantees.md`` away, in a copy, and see its test fail.

    python tools/remove_protections.py [WORD ...]

With words, only protections of which the file, the guarantee or the test contains one of them.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from protections import PROTECTIONS, Protection

_ROOT = Path(__file__).resolve().parents[1]
_FAILED = 1  # pytest's word for tests that ran and failed; other codes are no proof


def main() -> int:
    """Print a table of what was taken away and what missed it; 1 if something was not missed."""
    words = sys.argv[1:]
    chosen = [each for each in PROTECTIONS if not words or any(map(_told(each).count, words))]
    unmissed = 0
    for each in chosen:
        began_s = time.monotonic()
        verdict = _try(each)
        unmissed += verdict != "missed"
        took_s = time.monotonic() - began_s
        print(f"{verdict:8} {took_s:4.0f} s  {each.file}: {each.text.strip().splitlines()[0]}")  # noqa: T201
        print(f"{'':17}{each.test}", flush=True)  # noqa: T201
    print(f"{len(chosen) - unmissed} of {len(chosen)} protections are missed by their test.")  # noqa: T201
    return int(unmissed > 0)


def _told(each: Protection) -> str:
    return f"{each.guarantee} {each.file} {each.test}"


def _try(each: Protection) -> str:
    """Return what the test made of a tree without the protection.

    ``missed``: it failed. ``no test``: it passed. ``skipped`` and ``broken`` prove nothing.
    """
    with tempfile.TemporaryDirectory(prefix="badc-without-") as folder:
        tree = Path(folder) / "tree"
        _copy(tree)
        place = tree / each.file
        whole = place.read_text(encoding="utf-8")
        place.write_text(whole.replace(each.text, each.instead), encoding="utf-8")
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", each.test]
        ended = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)
    if ended.returncode == _FAILED and "failed" in ended.stdout:
        return "missed"
    if ended.returncode:
        return "broken"
    return "skipped" if "passed" not in ended.stdout else "no test"


def _copy(tree: Path) -> None:
    """Copy what git knows of, and what it does not ignore."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        source, target = _ROOT / name, tree / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


if __name__ == "__main__":
    sys.exit(main())
