"""A run written down once and shared: the TOML file of ``badc infer run-config``.

Relative paths start from ``[paths] dataset_root`` where the preset gives one, else from the
working directory, as they do on the command line. ``dataset_root`` itself starts from the working
directory, and so does a program that ``runner_cmd`` names by a relative path.
"""

import os
from pathlib import Path
from typing import Any, ClassVar

from badc.errors import UsageError
from badc.requests import InferRequest, options_of
from badc.runs.runner_name import agreed_runner
from badc.runs.toml_keys import check_keys
from badc.toml_file import TomlFile

_OPTIONS = {option.key: option for option in options_of(InferRequest).values()}
_HAWKEARS_ARGS = options_of(InferRequest)["hawkears_args"].key
KEYS: dict[str, dict[str, str]] = {
    "runner": {
        **{key: option.kind for key, option in _OPTIONS.items() if key != _HAWKEARS_ARGS},
        "use_hawkears": "switch",
    },
    "hawkears": {"extra_args": "texts"},
    "paths": {"dataset_root": "path"},
}
"""Table -> key -> what it holds. Keys of ``[runner]`` are options of ``badc infer run``."""

_OTHER_NAMES = {"hawkears_arg": "extra_args", "hawkears_args": "extra_args"}


class PresetFile(TomlFile):
    """The TOML file of ``badc infer run-config``, parsed."""

    kind: ClassVar[str] = "preset"
    start: ClassVar[str] = "configs/hawkears-local.toml is one to start from."
    example: ClassVar[str] = (
        'A preset has lines such as manifest = "manifests/REC.csv" under [runner].'
    )


def read_preset(path: Path) -> InferRequest:
    """Return the request that the preset at ``path`` makes: the one its command line would make.

    Raises:
        UsageError: it cannot be read, has unknown tables or keys, lacks its manifest, or a value is
            not what its key holds. The error names the file and, where it can be told, the line.
    """
    preset = PresetFile.read(path)
    check_keys(preset, KEYS, _OTHER_NAMES)
    asked = dict(preset.tables.get("runner", {}))
    if "manifest" not in asked:
        raise preset.fault(
            "[runner] lacks its manifest.", 'Add manifest = "manifests/REC.csv".', "runner"
        )
    start = _start(preset)
    for key, kind in KEYS["runner"].items():
        if key in asked and kind == "path":
            asked[key] = preset.place("runner", key, asked[key], start)
    _check_manifest(preset, asked["manifest"], start)
    asked["runner"] = _runner(preset, asked)
    if asked["runner"] == "hawkears":
        asked["hawkears_args"] = preset.tables.get("hawkears", {}).get("extra_args", ())
    asked.pop("use_hawkears", None)
    return InferRequest.model_validate(
        {_OPTIONS[key].field if key in _OPTIONS else key: asked[key] for key in asked}
    )


def _start(preset: PresetFile) -> Path | None:
    """Return the folder that relative paths start from; None for the working directory."""
    if "dataset_root" not in preset.tables.get("paths", {}):
        return None
    written = preset.tables["paths"]["dataset_root"]
    root = Path(os.path.abspath(preset.place("paths", "dataset_root", written)))
    if not os.path.isdir(root):  # noqa: PTH112 - says no to a name too long, where Path raises
        raise preset.fault(
            f"dataset_root {root} is no folder.",
            "It starts from the working directory.",
            "paths",
            "dataset_root",
        )
    return root


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
