"""Between the rooms of the project imports run downwards only, also inside functions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = ("benchmarks", "datasets", "leaderboards", "methods", "metrics")

# Lowest first: a module may import its own room and those below.
ROOMS = (
    "metrics",
    "benchmarks.errors",
    "benchmarks.atomic_write",
    "benchmarks.byte_size",
    "benchmarks.comma_list",
    "benchmarks.plain_text",
    "benchmarks.passed_on",
    "benchmarks.plain_file",
    "benchmarks.npy_array",
    "benchmarks.types",
    "benchmarks.encoders",
    "datasets",
    "methods",
    "benchmarks.catalog",
    "benchmarks.protocol",
    "benchmarks.storage",
    "benchmarks.tuning",
    "benchmarks.execution",
    "benchmarks.scoring",
    "benchmarks.submission",
    "benchmarks.models",
    "benchmarks.contract",
    "benchmarks.regression",
    "benchmarks.reports",
    "benchmarks.commandline",
    "leaderboards.statistics",
    "leaderboards.boards",
    "leaderboards.figures",
    "leaderboards.pages",
    "leaderboards.commandline",
)

# Those that may import less than all that stands below.
ONLY = {
    "benchmarks.types": {"benchmarks.errors"},
    "benchmarks.encoders": {
        "benchmarks.errors",
        "benchmarks.atomic_write",
        "benchmarks.plain_file",
        "benchmarks.npy_array",
        "benchmarks.types",
        "benchmarks.plain_text",
    },
    "datasets": {
        "benchmarks.errors",
        "benchmarks.atomic_write",
        "benchmarks.plain_text",
        "benchmarks.plain_file",
        "benchmarks.npy_array",
        "benchmarks.types",
        "benchmarks.encoders",
    },
    "methods": {"metrics", "benchmarks.errors", "benchmarks.types", "benchmarks.encoders"},
    "benchmarks.catalog": {"benchmarks.errors", "benchmarks.comma_list", "benchmarks.types"},
    "benchmarks.protocol": {"metrics", "benchmarks.errors", "benchmarks.types"},
    "benchmarks.storage": {
        "benchmarks.errors",
        "benchmarks.atomic_write",
        "benchmarks.plain_text",
        "benchmarks.npy_array",
        "benchmarks.types",
    },
    "leaderboards.statistics": {"metrics"},
}


def room_of(module: str) -> str | None:
    """Return the room of a module; None for a library, a folder's own ``__init__``, or what stands above all."""
    module = module.removeprefix("benchmarks.") if module.startswith("benchmarks.datasets.") else module
    return next((room for room in ROOMS if module == room or module.startswith(f"{room}.")), None)


def imports_of(path: Path, module: str) -> Iterator[str]:
    """Yield what a file imports, by absolute names."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            start = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*start, node.module] if node.module else start)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def upward(importer: str, imported: str) -> bool:
    """Return whether a room may not import another one."""
    if importer == imported:
        return False
    if importer in ONLY:
        return imported not in ONLY[importer]
    return ROOMS.index(imported) > ROOMS.index(importer)


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_run_downwards(root: Path, folder: str) -> None:
    found = []
    for path in sorted((root / folder).rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        room = room_of(module)
        if room is None:
            continue
        for name in imports_of(path, module):
            other = room_of(name)
            if other is not None and upward(room, other):
                found.append(f"{path.relative_to(root)} imports {name}")
    assert not found, "\n".join(dict.fromkeys(found))


def test_every_module_is_in_a_room(root: Path) -> None:
    outside = {"benchmarks", "benchmarks.__main__", "benchmarks.import_guard", "benchmarks.datasets", "leaderboards"}
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            assert room_of(module) or module in outside, f"{path.relative_to(root)} stands in no room"


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("benchmarks.types", "benchmarks.catalog"),
        ("datasets", "methods"),
        ("benchmarks.scoring", "leaderboards.boards"),
    ],
)
def test_an_upward_import_would_be_found(importer: str, imported: str) -> None:
    assert upward(importer, imported)
    assert not upward("leaderboards.pages", imported)
