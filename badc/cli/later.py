"""A group of commands that is imported when one of them is asked for: 'badc --help' stays quick."""

from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group


class Later(TyperGroup):
    """The commands of ``badc.cli.NAME``, a group of this name; see there for its ``app``."""

    def make_context(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as there
        """Import the commands, since one is to be run, completed or explained."""
        self.commands.update(get_group(import_module(f"badc.cli.{self.name}").app).commands)
        return super().make_context(*args, **more)
