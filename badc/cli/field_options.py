"""Options of commands, made from the fields of requests, and requests' fields from options."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel

from badc.requests import Option, options_of
from badc.requests.option import Kind

Command = TypeVar("Command", bound=Callable[..., None])
_TYPES: dict[Kind, Any] = {
    "path": Path,
    "text": str,
    "switch": bool,
    "whole number": int,
    "whole number or auto": Any,
    "number": float,
    "texts": list[str],
}


def takes(model: type[BaseModel], fields: Collection[str]) -> Callable[[Command], Command]:
    """Give a command an option for each of these fields of a request.

    They take the place of ``**options`` in its signature; :func:`field_values` makes fields of them
    again.
    """
    options = [option for name, option in options_of(model).items() if name in fields]
    return lambda command: with_parameters(command, map(_parameter, options))


def with_parameters(command: Command, more: Iterable[inspect.Parameter]) -> Command:
    """Have a command take more parameters than it names, in the place of its ``**options``."""
    own = inspect.signature(command).parameters.values()
    named = [each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in [*more, *named]]
    command.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    command.__annotations__ |= {each.name: each.annotation for each in taken}
    return command


def field_values(model: type[BaseModel], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return field -> value of those fields of a request that a command has options for."""
    return {
        name: tuple(options[each.key] or ()) if each.kind == "texts" else options[each.key]
        for name, each in options_of(model).items()
        if each.key in options
    }


def fields_of(model: type[BaseModel], arguments: Collection[str]) -> set[str]:
    """Return the fields of a request that these arguments of a command are options for."""
    names = {name for name, option in options_of(model).items() if option.key in arguments}
    return names | {"runner"} if {"runner_cmd", "use_hawkears"} & set(arguments) else names


def _parameter(option: Option) -> inspect.Parameter:
    described: dict[str, Any] = {"help": option.help, "metavar": option.cli.metavar}
    if option.kind == "whole number or auto":
        described["parser"] = _count_or_auto
    if option.cli.positional:
        said = typer.Argument(**described)
    else:
        words = option.word if option.cli.off is None else f"{option.word}/{option.cli.off}"
        said = typer.Option(words, **described)
    default = option.default
    if option.kind == "texts" or option.field == "runner":  # three options agree on a runner
        default = None
    kind = _TYPES[option.kind]
    return inspect.Parameter(
        option.key,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is ... else default,
        annotation=Annotated[kind | None if default is None else kind, said],
    )


def _count_or_auto(word: object) -> int | str:
    text = str(word).strip()
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is neither a whole number nor 'auto'.") from None
