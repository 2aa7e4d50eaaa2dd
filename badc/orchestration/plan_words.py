"""What a row of a plan may not hold: words that no file name and no argument can be."""

from collections.abc import Iterator, Mapping


def impossible_columns(row: Mapping[str, object]) -> list[str]:
    """Return the columns whose texts hold a NUL, or half a character as JSON can write it."""
    return [name for name, value in row.items() if any(map(_is_impossible, _texts(value)))]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))


def _is_impossible(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
