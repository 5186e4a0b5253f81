"""What of a folder with code can change a result: the code without its prose, and the data files beside it."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# The card of a method. What of it reaches a fit (the entry, the modalities that are read) is in the cell itself; the
# rest is prose for pages and boards.
CARD = "card.toml"

_CODE = frozenset({".py", ".pyc", ".pyo"})
# What a results folder has in it; wherever a user puts one, it is nothing that a method reads.
RESULTS = ("results.json", "cells")

# What parsing raises of a file that is no Python; ValueError stands for a null byte.
NOT_PYTHON = (SyntaxError, ValueError)

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# Names by which code can read a docstring.
_READERS = frozenset({"__doc__", "getdoc"})


def syntax_tree(source: bytes, *, docstrings: bool) -> str:
    """Return the syntax tree of a module as text: no comment, no layout, no line number.

    The tree rather than the code that it could be printed as, because it has one form for what means the same
    (quotes, brackets, line breaks). It is that of the running Python, whose version stands in the key anyway. A file
    that is not Python, such as a draft beside the method, counts byte by byte: it may still be read.

    Parameters
    ----------
    source : bytes
        The module.
    docstrings : bool
        Whether docstrings belong to the tree. Other strings that stand alone, below a field, say, always do.
    """
    try:
        tree = _parsed(source) if docstrings else _without_docstrings(source)
    except NOT_PYTHON:
        return hashlib.sha256(source).hexdigest()
    return ast.dump(tree)


@cache
def reads_docstrings(source: bytes) -> bool:
    """Return whether a module may read a docstring, its own or that of another module."""
    for node in _nodes(source):
        name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "value", None)
        if isinstance(name, str) and name in _READERS:
            return True
        if isinstance(node, ast.ImportFrom) and any(alias.name in _READERS for alias in node.names):
            return True
    return False


@cache
def imported_names(source: bytes, package: str) -> tuple[str, ...]:
    """Return the absolute names that a module of a package imports, also inside functions."""
    return tuple(_imports(source, package))


def data_files(folder: Path, *, whole: bool) -> Iterator[Path]:
    """Yield the files of a package that are no code: prompts, knowledge texts, tables; sorted.

    Hidden files and an editor's leftovers (``.name``, ``name~``, ``#name#``) do not count, nor do the card and results.

    Parameters
    ----------
    folder : Path
        The folder of a package.
    whole : bool
        Whether the files of all folders below belong to it, or those of folders without modules only: one that has
        modules is a package of its own.
    """
    yield from (path for path in _files_below(folder, whole) if path != folder / CARD)


def sha256_of_file(path: Path) -> str:
    """Return the sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _parsed(source: bytes) -> ast.Module:
    return ast.parse(source)


def _without_docstrings(source: bytes) -> ast.Module:
    # Parsed again: the cached tree keeps its docstrings.
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def _nodes(source: bytes) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(_parsed(source))
    except NOT_PYTHON:
        return


def _imports(source: bytes, package: str) -> Iterator[str]:
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            yield base
            # `from package import module` names modules, too; who looks for sources drops those that are not.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _files_below(folder: Path, whole: bool) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "#")) or path.name.endswith("~") or path.name == "__pycache__":
            continue
        if path.is_dir():
            if all((path / name).exists() for name in RESULTS):
                continue
            if whole or not any(path.glob("*.py")):
                yield from _files_below(path, whole)
        elif path.suffix not in _CODE:
            yield path
