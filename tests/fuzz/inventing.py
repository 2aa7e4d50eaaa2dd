"""Documents with something odd in a place where the grammar allows it, from a seeded generator."""

import csv
import io
import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from tests.fuzz import oddities

Invent = Callable[[Random, str], str]
"""A document that is well -> one that is a little odd."""


def odd_json(rng: Random, document: str) -> str:
    """Put odd values and keys into a JSON document."""
    value = json.loads(document)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        value = _changed(rng, value)
    text = json.dumps(value, ensure_ascii=rng.random() < 0.7, indent=rng.choice((None, 1)))
    if rng.random() < 0.1:  # a key twice
        text = text.replace("{", f'{{"{rng.choice(_keys(value) or ["x"])}": null, ', 1)
    return text


def odd_json_lines(rng: Random, document: str) -> str:
    """Put odd values into one or two lines of a log."""
    lines = document.split("\n")
    for _ in range(rng.choice((1, 2))):
        place = rng.randrange(len(lines))
        try:
            lines[place] = odd_json(rng, lines[place])
        except (ValueError, RecursionError):
            lines[place] = str(rng.choice(oddities.TEXTS))
    rng.shuffle(lines)
    return rng.choice(("\n", "\n", "\r\n", "\n\n")).join(lines) + rng.choice(("\n", ""))


def odd_csv(rng: Random, document: str) -> str:
    """Put odd cells, columns and line ends into a table."""
    rows = list(csv.reader(io.StringIO(document)))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        row = rng.choice(rows)
        what = rng.random()
        if what < 0.75:
            row[rng.randrange(len(row)) if row else 0 :][:1] = []
            place = rng.randrange(len(row) + 1)
            row[place : place + 1] = [str(rng.choice(oddities.VALUES))]
        elif what < 0.85:
            rows.insert(rng.randrange(len(rows) + 1), list(row))
        elif what < 0.95 and row:
            del row[rng.randrange(len(row))]
        else:
            column = rng.randrange(len(rows[0]) + 1)
            for each in rows:
                each.insert(column, rng.choice((*rows[0], "")) if each is rows[0] else "1")
    text = io.StringIO(newline="")
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    ends = rng.choice(("\n", "\n", "\r\n", "\r"))
    csv.writer(text, lineterminator=ends, quoting=quoting).writerows(rows)
    return text.getvalue()


def odd_toml(rng: Random, document: str) -> str:
    """Put odd values, keys and tables into a TOML document."""
    lines = document.split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.randrange(len(lines))
        key, equals, _ = lines[place].partition("=")
        what = rng.random()
        if equals and what < 0.8:
            lines[place] = f"{key}= {rng.choice(oddities.TOML_VALUES)}"
        elif what < 0.87:
            lines.insert(rng.randrange(len(lines) + 1), lines[place])
        elif what < 0.93:
            name = json.dumps(rng.choice(oddities.TEXTS)[:40])
            lines.insert(place, rng.choice((f"[{name}]", f"[[{name}]]", f"{name} = 1")))
        else:
            lines[place] = rng.choice(oddities.TEXTS)
    return "\n".join(lines)


def odd_text(rng: Random, document: str) -> str:
    """Put odd words into a text without a grammar of its own."""
    place = rng.randrange(len(document) + 1)
    return document[:place] + rng.choice(oddities.TEXTS) + document[place + rng.randrange(4) :]


def _changed(rng: Random, value: Any) -> Any:
    """Change one place of a value, the outermost rarely."""
    if isinstance(value, dict) and value and rng.random() < 0.93:
        key = rng.choice(list(value))
        what = rng.random()
        if what < 0.82:
            value[key] = _changed(rng, value[key])
        elif what < 0.9:
            del value[key]
        else:
            value[rng.choice(oddities.TEXTS)] = value.pop(key)
        return value
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        value[place : place + 1] = rng.choice(
            ([_changed(rng, value[place])], [value[place]] * 2, [])
        )
        return value
    return deepcopy(rng.choice(oddities.VALUES))


def _keys(value: object) -> list[str]:
    return [key for key in value if key.isalnum()] if isinstance(value, dict) else []
