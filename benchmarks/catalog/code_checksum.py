"""Which code a method's result depends on.

The checksum covers the method's folder and, followed through their import statements, the modules of this suite and
of the method's own package. Every other top-level import is a library, recorded by its version. So an edit of the
method or of a shared block gives new cells, an edit of another method does not.
"""

import ast
import hashlib
import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SUITE_PACKAGES = ("benchmarks", "methods", "metrics", "leaderboards")


@dataclass(frozen=True, slots=True)
class CodeIdentity:
    """Checksum of first-party code and versions of the libraries it imports."""

    sha256: str
    libraries: dict[str, str]


@cache
def code_identity(entry: str) -> CodeIdentity:
    """Return the identity of the code behind a ``"module:Class"``; nothing is imported but parent packages."""
    module = entry.partition(":")[0]
    first_party = {*SUITE_PACKAGES, module.partition(".")[0]}
    sources: dict[str, Path] = {}
    libraries: set[str] = set()
    waiting = [module, *_siblings(module)]
    while waiting:
        name = waiting.pop()
        if name in sources:
            continue
        path = _source(name)
        if path is None:
            continue
        sources[name] = path
        for imported in _imports(path, name):
            top = imported.partition(".")[0]
            if top in first_party:
                waiting += _with_parents(imported)
            elif top not in sys.stdlib_module_names:
                libraries.add(top)
    digest = hashlib.sha256()
    for name in sorted(sources):
        content = sources[name].read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return CodeIdentity(digest.hexdigest(), _versions(libraries))


def _siblings(module: str) -> list[str]:
    """Return the other modules of the module's folder, if the folder is a package of its own."""
    package = module.rpartition(".")[0]
    source = _source(module)
    if not package or source is None:
        return []
    return [f"{package}.{path.stem}" for path in source.parent.glob("*.py") if path.stem != "__init__"] + [package]


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def _source(name: str) -> Path | None:
    """Return the source file of a module, or None if there is no such module (an imported function, say)."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def _imports(path: Path, module: str) -> Iterator[str]:
    """Yield the absolute names a source file imports, also inside functions."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            yield base
            # `from package import module` names modules, too; _source drops those that are not.
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


def _versions(imported: set[str]) -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in sorted(imported):
        for distribution in _distributions().get(name, []):
            versions[distribution] = importlib.metadata.version(distribution)
    return versions
