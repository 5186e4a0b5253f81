"""What the checks of a method or a dataset found: a line each as they come, or JSON at the end."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from benchmarks.commandline.literal import tell

if TYPE_CHECKING:
    from benchmarks.contract.finding import Finding


def tell_findings(name: str, found: "Iterable[Finding]", *, as_json: dict[str, Any] | None) -> int:
    """Print findings, and return the exit code: 1 if a check failed, else 0.

    Parameters
    ----------
    name : str
        Whose they are.
    found : iterable of Finding
        Each is printed when it comes, before the next check is made.
    as_json : mapping or None
        What stands beside the checks in the JSON; without it lines of text are printed.
    """
    findings = []
    for finding in found:
        findings.append(finding)
        if as_json is None:
            tell(f"{_state(finding)}  {finding.check}")
            for line in _details(finding):
                tell(f"        {line}")
    failed = sum(not finding.passed for finding in findings)
    warnings = sum(len(finding.warnings) for finding in findings)
    if as_json is None:
        warned = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
        tell(f"{name}: {len(findings) - failed} of {len(findings)} checks passed{warned}")
    else:
        rows = [{**asdict(finding), "passed": finding.passed} for finding in findings]
        typer.echo(json.dumps({**as_json, "checks": rows}, indent=1))
    return 1 if failed else 0


def _state(finding: "Finding") -> str:
    if not finding.passed:
        return "FAILED"
    return "warned" if finding.warnings else "ok    "


def _details(finding: "Finding") -> Iterator[str]:
    """Yield what is to be said below a check: its problems and warnings, and the strongest columns."""
    yield from finding.problem.splitlines()
    yield from (f"warning: {warning}" for warning in finding.warnings)
    if finding.strongest:
        yield "strongest columns alone, the surest first (C: high values may go with early or with late events):"
        yield "    C  known  events  column"
        for one in finding.strongest:
            yield f"{one.concordance:z.3f}  {one.known:5}  {one.events:6}  {one.modality}: {one.column!r}"
