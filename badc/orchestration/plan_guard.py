"""Only a plan is ever overwritten by a plan."""

from pathlib import Path

from badc.errors import UsageError


def refuse_other(path: Path, kind: str, beginning: str, column: str) -> None:
    """Refuse to overwrite a file that is no plan of this kind and form.

    Args:
        path: where a plan is to be written.
        kind: what to call it, such as ``chunk plan``.
        beginning: how such a file begins, quotes left out.
        column: a column that only such a plan has.

    Raises:
        UsageError: something else stands there, and would be lost.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").replace(b'"', b"")
    except OSError:
        return  # none there, or writing will say what is wrong
    named = column.encode() in head or head.split() == [b"[]"]
    if head and not (head.startswith(beginning.encode()) and named):
        raise UsageError(f"{path}: is no {kind}, and would be lost.", "Name another file.")
