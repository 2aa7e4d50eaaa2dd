"""What is typed counts over what is saved, in a plan of recordings or in a preset."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from badc.requests import InferRequest, RunnerOptions, options_of

_ARGUMENTS = RunnerOptions.model_fields.keys() - {"runner"}


def typed_over_saved(saved: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that change, with their new values.

    A runner's arguments go with it: where another one is typed, those of the saved one are left.

    Args:
        saved: field -> value, of a plan or a preset.
        typed: field -> value, of the options that were typed.
    """
    if typed.get("runner", saved["runner"]) != saved["runner"]:
        fields = InferRequest.model_fields
        typed = {**{name: fields[name].default for name in _ARGUMENTS}, **typed}
    return {name: value for name, value in typed.items() if saved[name] != value}


def option_names(model: type[BaseModel], changed: Iterable[str]) -> list[str]:
    """Return the options of a request that its fields belong to, each once and in order."""
    return sorted({options_of(model)[name].word for name in changed})
