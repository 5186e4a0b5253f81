"""``verify module:Class``: the contract tests on anyone's method."""

import json
from typing import Annotated

import typer

from benchmarks.commandline.findings import tell_findings
from benchmarks.commandline.options import Json


def verify(
    method: Annotated[str, typer.Argument(help="A registered method, or module:Class.")],
    as_json: Json = False,
) -> None:
    """Check a method against the contract every registered method fulfils."""
    from benchmarks.catalog.registry import method_card, unavailable
    from benchmarks.contract.method import verify_method

    reason = unavailable(method_card(method))
    if reason:
        typer.echo(json.dumps({"method": method, "skipped": reason}) if as_json else f"{method}: skipped: {reason}")
        return
    described = {"method": method} if as_json else None
    raise typer.Exit(tell_findings(method, verify_method(method), as_json=described))
