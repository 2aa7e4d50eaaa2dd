"""Which options somebody typed: those count over what is saved in a file."""

import typer


def typed_options(context: typer.Context) -> set[str]:
    """Return the names of a command's arguments that were typed, not left at their defaults."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source and source.name == "COMMANDLINE"}
