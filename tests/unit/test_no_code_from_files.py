"""What comes from files and programs is read as text, and never run or unpickled."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MODULES = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "yaml", "joblib", "code"}
_CALLS = {"eval", "exec", "compile", "__import__"}
_ALLOWED = {("flows/task_runner.py", "pickle"), ("flows/task_runner.py", "cloudpickle")}
"""Dask brings a run's own context to that run's own workers."""


def found_in(path: Path) -> set[str]:
    """The modules and calls in ``path`` that could make code of a file's content."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names} & _MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").partition(".")[0]} & _MODULES
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                found |= {node.func.id} & _CALLS
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "os.system":
                found.add("os.system")
            if any(
                key.arg == "shell" and ast.unparse(key.value) != "False" for key in node.keywords
            ):
                found.add("shell=True")
            if any(key.arg == "allow_pickle" for key in node.keywords):
                found.add("allow_pickle")
    return found


def test_nothing_of_badc_unpickles_evaluates_or_starts_a_shell():
    sources = [path for room in ("badc", "flows") for path in (ROOT / room).rglob("*.py")]
    found = {
        (path.relative_to(ROOT).as_posix(), what) for path in sources for what in found_in(path)
    }
    assert found == _ALLOWED


def test_the_search_finds_what_it_looks_for(tmp_path):
    (tmp_path / "x.py").write_text(
        "import pickle\nfrom yaml import load\neval('1')\nos.system('x')\n"
        "run('x', shell=True)\nnp.load('x', allow_pickle=True)\n"
    )
    assert found_in(tmp_path / "x.py") == {
        "pickle", "yaml", "eval", "os.system", "shell=True", "allow_pickle",
    }  # fmt: skip
