"""A run written down once and shared: the TOML file of ``badc infer run-config``.

Relative paths start from ``[paths] dataset_root`` where the preset gives one, else from the
working directory, as they do on the command line. ``dataset_root`` itself starts from the working
directory, and so does a program that ``runner_cmd`` names by a relative path.
"""

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from badc.errors import UsageError
from badc.runs.preset_file import PresetFile
from badc.runs.request import InferRequest
from badc.runs.runner_name import agreed_runner

KEYS: dict[str, dict[str, str]] = {
    "runner": {
        "manifest": "path",
        "use_hawkears": "switch",
        "runner": "text",
        "runner_cmd": "text",
        "min_confidence": "number",
        "max_gpus": "whole number",
        "cpu_workers": "whole number",
        "chunks_per_gpu": "whole number",
        "gpu_only": "switch",
        "output_dir": "path",
        "max_retries": "whole number",
        "timeout": "number",
        "telemetry_log": "path",
        "resume_summary": "path",
        "keep_going": "switch",
        "rerun": "switch",
        "scheduler_address": "text",
    },
    "hawkears": {"extra_args": "texts"},
    "paths": {"dataset_root": "path"},
}
"""Table -> key -> what it holds. Keys of ``[runner]`` are options of ``badc infer run``."""

_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "path": (lambda value: isinstance(value, str), 'a path in quotes, such as "artifacts/infer"'),
    "text": (lambda value: isinstance(value, str), "a text in quotes"),
    "switch": (lambda value: isinstance(value, bool), "true or false, without quotes"),
    "whole number": (lambda value: type(value) is int, "a whole number, without quotes"),
    "number": (lambda value: type(value) in (int, float), "a number, without quotes"),
    "texts": (
        lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
        'a list of texts, each in quotes, such as ["--min_score", "0.7"]',
    ),
}
_OTHER_NAMES = {"hawkears_arg": "extra_args", "hawkears_args": "extra_args"}
_FIELDS = {"timeout": "timeout_s"}  # where the request has another name than the option
_MOST = 10**15  # no count and no time of ours is near


def read_preset(path: Path) -> InferRequest:
    """Return the request that the preset at ``path`` makes: the one its command line would make.

    Raises:
        UsageError: it cannot be read, has unknown tables or keys, lacks its manifest, or a value is
            not what its key holds. The error names the file and, where it can be told, the line.
    """
    preset = PresetFile.read(path)
    for table, keys in preset.tables.items():
        _check_table(preset, table, keys)
        for key, value in keys.items():
            _check_key(preset, table, key, value)
    asked = dict(preset.tables.get("runner", {}))
    if "manifest" not in asked:
        raise preset.fault(
            "[runner] lacks its manifest.", 'Add manifest = "manifests/REC.csv".', "runner"
        )
    start = _start(preset)
    for key, kind in KEYS["runner"].items():
        if key in asked and kind == "path":
            asked[key] = _place(preset, "runner", key, start)
    _check_manifest(preset, asked["manifest"], start)
    asked["runner"] = _runner(preset, asked)
    if asked["runner"] == "hawkears":
        asked["hawkears_args"] = preset.tables.get("hawkears", {}).get("extra_args", ())
    asked.pop("use_hawkears", None)
    return InferRequest.model_validate(
        {_FIELDS.get(key, key): value for key, value in asked.items()}
    )


def _check_table(preset: PresetFile, table: str, keys: object) -> None:
    if table in KEYS:
        if not isinstance(keys, dict):
            raise preset.fault(
                f"{table} is no table.", f"Write [{table}], once, and its keys below it.", table
            )
        return
    if isinstance(keys, dict):
        raise preset.fault(
            f"there is no table [{table[:100]}] in a preset.", _nearest(table, list(KEYS)), table
        )
    raise preset.fault(
        f"{table[:100]} stands in no table.", _nearest_key(table, ""), table="", key=table
    )


def _check_key(preset: PresetFile, table: str, key: str, value: Any) -> None:  # noqa: ANN401 - TOML's
    if key not in KEYS[table]:
        complaint = f"there is no key {key[:100]} in [{table}]."
        raise preset.fault(complaint, _nearest_key(key, table), table, key)
    fits, words = _KINDS[KEYS[table][key]]
    if not fits(value):
        raise preset.fault(f"{key} is not {words.split(',')[0]}.", f"Give {words}.", table, key)
    if isinstance(value, int | float) and abs(value) > _MOST and value not in (_INF, -_INF):
        raise preset.fault(f"{key} is too large a number.", "Give a smaller one.", table, key)
    if "\0" in str(value) or (isinstance(value, list) and any("\0" in item for item in value)):
        raise preset.fault(f"{key} holds a NUL character.", "Take it out.", table, key)
    if KEYS[table][key] == "path" and not value.strip():
        raise preset.fault(f"{key} is empty.", "Leave the line out for the default.", table, key)


_INF = float("inf")


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.lower(), known, 1, 0.5)
    return f"Did you mean [{close[0]}]?" if close else f"Known are [{'], ['.join(known)}]."


def _nearest_key(name: str, table: str) -> str:
    """Return the hint for an unknown key: the most like it in its table, else in another."""
    wanted = _OTHER_NAMES.get(name, name[:100].lower().replace("-", "_"))
    homes = sorted(KEYS, key=lambda each: each != table)
    for cutoff in (1.0, 0.6):  # the same name in another table before a like one in this
        for home in homes:
            if close := difflib.get_close_matches(wanted, KEYS[home], 1, cutoff):
                return f"Did you mean {close[0]}{'' if home == table else f' in [{home}]'}?"
    return f"Known in [{table or 'runner'}]: {', '.join(KEYS[table or 'runner'])}."


def _start(preset: PresetFile) -> Path | None:
    """Return the folder that relative paths start from; None for the working directory."""
    if "dataset_root" not in preset.tables.get("paths", {}):
        return None
    root = Path(os.path.abspath(_place(preset, "paths", "dataset_root", None)))
    if not os.path.isdir(root):  # noqa: PTH112 - says no to a name too long, where Path raises
        raise preset.fault(
            f"dataset_root {root} is no folder.",
            "It starts from the working directory.",
            "paths",
            "dataset_root",
        )
    return root


def _place(preset: PresetFile, table: str, key: str, start: Path | None) -> Path:
    """Return the path that ``key`` gives; a leading ``~`` means a home folder, as in a shell."""
    try:
        path = Path(preset.tables[table][key]).expanduser()
    except RuntimeError:
        raise preset.fault(
            f"{key} begins with ~, but there is no such home folder.",
            "Write the path in full, or ./~ for a folder of that name.",
            table,
            key,
        ) from None
    return path if start is None else Path(os.path.abspath(start / path))


def _check_manifest(preset: PresetFile, manifest: Path, start: Path | None) -> None:
    """Tell whoever wrote paths from the working directory that dataset_root moves them."""
    written = preset.tables["runner"]["manifest"]
    if start is not None and not os.path.exists(manifest) and os.path.exists(written):  # noqa: PTH110
        raise preset.fault(
            f"manifest {written} is in the working directory, but not in dataset_root.",
            "Relative paths start from dataset_root: write manifest (and the others) from there.",
            "runner",
            "manifest",
        )


def _runner(preset: PresetFile, asked: dict[str, Any]) -> str:
    named = {
        "runner": asked.get("runner"),
        "runner_cmd": "command" if "runner_cmd" in asked else None,
        "use_hawkears": "hawkears" if asked.get("use_hawkears") else None,
    }
    try:
        return agreed_runner(named)
    except UsageError as error:
        key = next(word for word, runner in named.items() if runner is not None)
        raise preset.fault(error.message, error.hint, "runner", key) from None
