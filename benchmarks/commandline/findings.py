"""What the checks of a method or a dataset found: a line each as they come, or JSON at the end."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from benchmarks.commandline.literal import tell

if TYPE_CHECKING:
    from benchmarks.contract.method import Finding


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
            tell(f"{'ok    ' if finding.passed else 'FAILED'}  {finding.check}")
            if not finding.passed:
                tell(f"        {finding.problem}")
    failed = sum(not finding.passed for finding in findings)
    if as_json is None:
        tell(f"{name}: {len(findings) - failed} of {len(findings)} checks passed")
    else:
        rows = [{"check": f.check, "passed": f.passed, "problem": f.problem} for f in findings]
        typer.echo(json.dumps({**as_json, "checks": rows}, indent=1))
    return 1 if failed else 0
