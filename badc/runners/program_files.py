"""The files that a command line names: a program edited behind the same words is another runner.

An interpreter is known by its name alone, so that results stay good on another machine: what it
runs is the script that the command line names. All other files are known by name and content, not
by the folder that they lie in.
"""

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

_INTERPRETER = re.compile(
    r"(python|pypy|Rscript|R|bash|dash|sh|zsh|perl|ruby|node|java|julia|octave|matlab|env|uv|"
    r"conda|mamba|micromamba|poetry|apptainer|singularity|docker|podman|srun|nice|ionice|taskset|"
    r"time|timeout)[0-9.]*(\.exe)?"
)
_SCRIPTS = frozenset({".py", ".R", ".r", ".sh", ".pl", ".rb", ".js", ".jl", ".m"})


def named_by_content(command: Sequence[str]) -> list[str]:
    """Return the words of a command, each file that exists replaced by its name and its digest.

    Args:
        command: the program, looked for as a shell would, and its arguments, which may be files
            themselves or have the form ``--option=file``.
    """
    program = shutil.which(command[0])
    first = _word(command[0], None if program is None else Path(program))
    return [first, *(_argument(word) for word in command[1:])]


def missing_script(command: Sequence[str]) -> str | None:
    """Return the script that a command has an interpreter run, where it is not there."""
    if not _INTERPRETER.fullmatch(Path(command[0]).name):
        return None
    script = next((word for word in command[1:] if not word.startswith("-")), "")
    try:
        is_missing = Path(script).suffix in _SCRIPTS and not Path(script).is_file()
    except (OSError, ValueError):
        return None
    return script if is_missing else None


def _argument(word: str) -> str:
    option, equals, value = word.partition("=")
    if equals and option.startswith("-"):
        return f"{option}={_word(value, Path(value))}"
    return _word(word, Path(word))


def _word(word: str, path: Path | None) -> str:
    """Return a word, or name and digest of the file that it is."""
    name = Path(word).name
    if _INTERPRETER.fullmatch(name):
        return name
    try:
        if path is None or not path.is_file():
            return word
        with path.open("rb") as stream:
            return f"{name} {hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except (OSError, ValueError):
        return word
