"""How tables are to be made, as the options of a dataset's commands say it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from badc.orchestration import TableSettings


def table_settings(
    options: Mapping[str, Any], typed: Collection[str], *, wanted: bool, else_say: str
) -> "TableSettings":
    """Return how a dataset's tables are to be made, by the options that have its fields' names.

    Args:
        options: arguments of a command by name; of files, from where it was typed.
        typed: the names of those that were typed.
        wanted: whether the command makes tables at all.
        else_say: what makes it do so.

    Raises:
        UsageError: no table could be made so, or none is to be made.
    """
    from badc.errors import UsageError
    from badc.meta import PRESETS
    from badc.orchestration import TableSettings

    given = {name: options[name] for name in TableSettings.model_fields.keys() & typed}
    if given and not wanted:
        option = "--" + min(given).replace("_", "-")
        raise UsageError(f"{option}: no table is made here.", f"Use it with {else_say}.")
    if given.get("places", "station") not in PRESETS:
        given["places"] = str(Path(given["places"]).absolute())
    settings = TableSettings(**given)
    if wanted:
        settings.check(options["dataset"])
    return settings
