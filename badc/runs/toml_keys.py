"""Refusing what a settings file should not hold: unknown keys, values of another type."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from badc.toml_file import TomlFile

Keys = Mapping[str, Mapping[str, str]]
"""Table -> key -> what it holds: one of :data:`_KINDS`. Table ``""``: what stands in none."""

_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "path": (lambda value: isinstance(value, str), 'a path in quotes, such as "artifacts/infer"'),
    "text": (lambda value: isinstance(value, str), "a text in quotes"),
    "switch": (lambda value: isinstance(value, bool), "true or false, without quotes"),
    "whole number": (lambda value: type(value) is int, "a whole number, without quotes"),
    "whole number or auto": (
        lambda value: type(value) is int or value == "auto",
        'a whole number, or "auto" in quotes',
    ),
    "number": (lambda value: type(value) in (int, float), "a number, without quotes"),
    "texts": (
        lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
        'a list of texts, each in quotes, such as ["--min_score", "0.7"]',
    ),
}
_INF = float("inf")
_MOST = 10**15  # no count and no time of ours is near


def check_keys(file: TomlFile, keys: Keys, other_names: Mapping[str, str]) -> None:
    """See that a file holds nothing but ``keys``, each with a value of its type.

    Args:
        file: what to look at.
        keys: all that it may hold.
        other_names: what people may call a key -> its name here.

    Raises:
        UsageError: it does; the error names the file, the line where that is plain, and the
            nearest name that would be understood.
    """
    for name, value in file.tables.items():
        if name in keys:
            _check_table(file, name, value, keys, other_names)
        elif isinstance(value, dict):
            raise file.fault(
                f"there is no table [{name[:100]}] in a {file.kind}.",
                _nearest_table(name, keys),
                name,
            )
        elif "" in keys:
            _check_key(file, "", name, value, keys, other_names)
        else:
            raise file.fault(
                f"{name[:100]} stands in no table.",
                _nearest_key(name, "", keys, other_names),
                table="",
                key=name,
            )


def _check_table(
    file: TomlFile, table: str, content: object, keys: Keys, other_names: Mapping[str, str]
) -> None:
    if not isinstance(content, dict):
        raise file.fault(
            f"{table} is no table.", f"Write [{table}], once, and its keys below it.", table
        )
    for key, value in content.items():
        _check_key(file, table, key, value, keys, other_names)


def _check_key(
    file: TomlFile,
    table: str,
    key: str,
    value: Any,  # noqa: ANN401 - TOML's
    keys: Keys,
    other_names: Mapping[str, str],
) -> None:
    if key not in keys[table]:
        home = f"[{table}]" if table else f"a {file.kind}"
        raise file.fault(
            f"there is no key {key[:100]} in {home}.",
            _nearest_key(key, table, keys, other_names),
            table,
            key,
        )
    fits, words = _KINDS[keys[table][key]]
    if not fits(value):
        raise file.fault(f"{key} is not {words.split(',')[0]}.", f"Give {words}.", table, key)
    if isinstance(value, int | float) and abs(value) > _MOST and value not in (_INF, -_INF):
        raise file.fault(f"{key} is too large a number.", "Give a smaller one.", table, key)
    if "\0" in str(value) or (isinstance(value, list) and any("\0" in item for item in value)):
        raise file.fault(f"{key} holds a NUL character.", "Take it out.", table, key)
    if keys[table][key] == "path" and not value.strip():
        raise file.fault(f"{key} is empty.", "Leave the line out for the default.", table, key)


def _nearest_table(name: str, keys: Keys) -> str:
    known = [table for table in keys if table]
    if not known:
        return "It has no tables: write its keys alone."
    close = difflib.get_close_matches(name.lower(), known, 1, 0.5)
    return f"Did you mean [{close[0]}]?" if close else f"Known are [{'], ['.join(known)}]."


def _nearest_key(name: str, table: str, keys: Keys, other_names: Mapping[str, str]) -> str:
    """Return the hint for an unknown key: the most like it in its table, else in another."""
    wanted = other_names.get(name, name[:100].lower().replace("-", "_"))
    homes = sorted(keys, key=lambda each: each != table)
    for cutoff in (1.0, 0.6):  # the same name in another table before a like one in this
        for home in homes:
            if close := difflib.get_close_matches(wanted, keys[home], 1, cutoff):
                return f"Did you mean {close[0]}{'' if home == table else f' in [{home}]'}?"
    home = table if table in keys else next(iter(keys))
    return f"Known{f' in [{home}]' if home else ''}: {', '.join(keys[home])}."
