"""A group of verbs that imports a verb only when it is asked for."""

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from benchmarks.errors import UsageError, hint

CONTEXT = {"help_option_names": ["-h", "--help"]}


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb is (``module:function``, or ``module:app`` for a group), and under which heading the help lists it.

    What stands above this package is named, not imported, as the registry names methods.
    """

    place: str
    panel: str

    def load(self, name: str) -> TyperCommand | TyperGroup:
        """Import the verb and return its command."""
        module, _, attribute = self.place.partition(":")
        found: Any = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            found = _app_of(name, found)
        command = get_command(found)
        assert isinstance(command, TyperCommand | TyperGroup)
        command.name, command.rich_help_panel = name, self.panel
        return command


def _app_of(name: str, function: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.command(name)(function)
    return app


def lazy_group(verbs: dict[str, Verb]) -> type[TyperGroup]:
    """Return a class of groups with these verbs, in this order."""

    class LazyGroup(TyperGroup):
        """The verbs of a table, each imported when it is run or its help is shown."""

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # 2026-11-25: the interface of Typer
            """Return the names of the verbs."""
            return list(verbs)

        def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
            """Import one verb; while a shell completes, None if there is none of the name."""
            if cmd_name in verbs:
                return verbs[cmd_name].load(cmd_name)
            if ctx.resilient_parsing:
                return None
            raise UsageError(f"unknown verb {cmd_name!r}; {hint(cmd_name, verbs)}")

    return LazyGroup
