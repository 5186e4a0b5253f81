"""Which code a method's result depends on.

The checksum covers the method's folder and, followed through their import statements, all modules that may be edited
without a new version: those of this suite, of the method's own package, helper modules in the current folder or on
``PYTHONPATH``, and packages that are installed editable. Their syntax trees count, without docstrings and comments, and
the data files beside them. Every other import is a library, recorded by its version. So an edit of the method, of a
text that it reads or of a shared block gives new cells; an edit of another method, or of what the code only says of
itself, does not.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from benchmarks.catalog.code_content import (
    data_files,
    imported_names,
    reads_docstrings,
    sha256_of_file,
    syntax_tree,
)
from benchmarks.catalog.installed import origin_of, versions_of

SUITE_PACKAGES = ("benchmarks", "methods", "metrics", "leaderboards")


@dataclass(frozen=True, slots=True)
class CodeIdentity:
    """Checksum of the code that may be edited with its data files, and versions of the libraries that it imports."""

    sha256: str
    libraries: dict[str, str]


@cache
def code_identity(entry: str) -> CodeIdentity:
    """Return the identity of the code behind a ``"module:Class"``; nothing is imported but parent packages."""
    module = entry.partition(":")[0]
    first_party = {*SUITE_PACKAGES, module.partition(".")[0]}
    sources: dict[str, Path] = {}
    libraries: set[str] = set()
    named = {module, *_siblings(module)}
    waiting = list(named)
    while waiting:
        name = waiting.pop()
        if name in sources:
            continue
        path = _source(name)
        if path is None:
            continue
        sources[name] = path
        for imported in _imports(name, path):
            top = imported.partition(".")[0]
            if top in first_party or origin_of(top) == "source":
                named.add(imported)
                waiting += _with_parents(imported)
            elif origin_of(top) == "installed":
                libraries.add(top)
    imported_ones = {name: path for name, path in sources.items() if name in named}
    digest = hashlib.sha256()
    for name, content in sorted([*_code(sources), *_data(module, imported_ones)]):
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content.encode())
    return CodeIdentity(digest.hexdigest(), versions_of(libraries))


def _imports(name: str, path: Path) -> Iterator[str]:
    """Yield the absolute names that a module imports; what a compiled one imports cannot be read."""
    if path.suffix == ".py":
        yield from (imported for imported in imported_names(path.read_bytes(), _package(name, path)) if imported)


def _code(sources: dict[str, Path]) -> list[tuple[str, str]]:
    """Return each module's name and syntax tree; where one of them reads docstrings, those of all count."""
    contents = {name: path.read_bytes() for name, path in sources.items() if path.suffix == ".py"}
    docstrings = any(reads_docstrings(content) for content in contents.values())
    compiled = [(name, sha256_of_file(path)) for name, path in sources.items() if name not in contents]
    return [*((name, syntax_tree(content, docstrings=docstrings)) for name, content in contents.items()), *compiled]


def _data(module: str, sources: dict[str, Path]) -> list[tuple[str, str]]:
    """Return name and checksum of the data files of the method's package and of those that modules are imported from.

    A package that is only a parent of an imported module has no say, and a module outside any package neither: its
    folder is the one where the user works, results included.
    """
    packages = {_package(name, path): path.parent for name, path in sources.items()}
    own = module.rpartition(".")[0]
    return [
        (f"{package}/{path.relative_to(folder).as_posix()}", sha256_of_file(path))
        for package, folder in packages.items()
        if package
        for path in data_files(folder, whole=package == own)
    ]


def _package(name: str, path: Path) -> str:
    """Return the package of a module; a package is its own."""
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


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
    """Return the file of a module, or None if there is no such module (an imported function, say) or it has no file."""
    try:
        spec = importlib.util.find_spec(name)
    except (Exception, SystemExit):
        # Its package is imported to find it, and fails: the method can use nothing of it. The package itself counts.
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith((".py", *EXTENSION_SUFFIXES)):
        return None
    return Path(spec.origin)
