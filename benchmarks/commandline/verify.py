"""``verify module:Class``: the contract tests on anyone's method."""

import json
from typing import Annotated

import typer

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
    findings = []
    for finding in verify_method(method):
        findings.append(finding)
        if not as_json:
            typer.echo(f"{'ok    ' if finding.passed else 'FAILED'}  {finding.check}")
            if not finding.passed:
                typer.echo(f"        {finding.problem}")
    failed = sum(not finding.passed for finding in findings)
    if as_json:
        rows = [{"check": f.check, "passed": f.passed, "problem": f.problem} for f in findings]
        typer.echo(json.dumps({"method": method, "checks": rows}, indent=1))
    else:
        typer.echo(f"{method}: {len(findings) - failed} of {len(findings)} checks passed")
    raise typer.Exit(1 if failed else 0)
