"""A field of a request as users write it: on a command line and in a preset."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Kind = Literal[
    "path", "text", "switch", "whole number", "whole number or auto", "number", "texts"
]  # fmt: skip
_KINDS: dict[Any, Kind] = {
    Path: "path",
    str: "text",
    bool: "switch",
    int: "whole number",
    float: "number",
    tuple[str, ...]: "texts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """How a command line says a field, where its name and type leave that open.

    Attributes:
        word: its option; None for the field's name with dashes.
        off: the option that says no where the first says yes.
        metavar: what stands for the value in a command's help.
        positional: whether it is no option, but the argument that ``metavar`` names.
    """

    word: str | None = None
    off: str | None = None
    metavar: str | None = None
    positional: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A field, as users write it.

    Attributes:
        field: its name in the request, in Prefect's form and in plans.
        word: its option on a command line.
        kind: what it holds.
        default: its value where nobody says any; ``...`` where somebody has to.
        help: one sentence on it.
        cli: what else is known of the command line.
    """

    field: str
    word: str
    kind: Kind
    default: Any
    help: str
    cli: Cli

    @property
    def key(self) -> str:
        """Its key in a preset, and the argument of a command's function."""
        return self.word.removeprefix("--").replace("-", "_")


@cache
def options_of(model: type[BaseModel]) -> dict[str, Option]:
    """Return the options that a request's fields define, by field; first those that only it has."""
    inherited = {name for base in model.__bases__ for name in getattr(base, "model_fields", ())}
    fields = sorted(model.model_fields.items(), key=lambda item: item[0] in inherited)
    return {name: _option(name, field) for name, field in fields}


def own_first(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Have a form show first what is asked of this model alone, as a command's help does."""
    schema["properties"] = {name: schema["properties"][name] for name in options_of(model)}


def paths_of(model: type[BaseModel]) -> list[str]:
    """Return the fields of a request that hold paths."""
    return [name for name, option in options_of(model).items() if option.kind == "path"]


def _option(name: str, field: FieldInfo) -> Option:
    cli = next((each for each in field.metadata if isinstance(each, Cli)), Cli())
    return Option(
        field=name,
        word=cli.word or f"--{name.replace('_', '-')}",
        kind=_kind(field.annotation),
        default=... if field.is_required() else field.default,
        help=field.description or "",
        cli=cli,
    )


def _kind(annotation: Any) -> Kind:  # noqa: ANN401 - any type
    """Return what a type holds; whether it may hold None is the default's to say."""
    parts = [annotation]
    if get_origin(annotation) in (Union, UnionType):
        parts = [each for each in get_args(annotation) if each is not NoneType]
    if parts == [int, Literal["auto"]]:
        return "whole number or auto"
    if get_origin(parts[0]) is Literal:
        return "text"
    (part,) = parts
    return _KINDS[part]
