"""The package declares the libraries that it imports, and no others."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

FOLDERS = ("benchmarks", "datasets", "leaderboards", "methods", "metrics")

# 2026-11-26: imported by pandas, which reads workbooks with it.
NOT_IMPORTED_HERE = {"openpyxl"}


def canonical(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(root: Path) -> set[str]:
    """Return the distributions of all modules that are imported, also inside functions."""
    modules: set[str] = set()
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module.partition(".")[0])
    found = importlib.metadata.packages_distributions()
    outside = modules - set(sys.stdlib_module_names) - set(FOLDERS)
    return {canonical(found[module][0]) for module in outside}


def names(texts: list[str]) -> set[str]:
    return {canonical(re.split(r"[^\w.-]", text)[0]) for text in texts}


def test_what_is_declared_is_what_is_imported(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    of_extras = names(project["optional-dependencies"]["cluster"])
    assert names(project["dependencies"]) - NOT_IMPORTED_HERE == imported(root) - of_extras
