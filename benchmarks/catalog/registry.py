"""Which methods and datasets there are, found without importing any of them.

Built-in ones are the cards in ``methods/*/card.toml`` and ``datasets/*/*.toml``; other packages announce theirs as
entry points; a ``module:Class`` that is importable from here may be named directly. A wrong card breaks what it
describes and nothing else.
"""

import importlib
import importlib.metadata
import importlib.util
import os
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.catalog.card_values import is_entry
from benchmarks.catalog.cards import (
    Card,
    DatasetCard,
    MethodCard,
    dataset_card_of,
    dataset_members,
    read_dataset_cards,
    read_method_card,
)
from benchmarks.catalog.found_cards import Cards
from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError

# Cohort files (see docs/own_cohort.md) that are registered beside the built-in datasets, separated as in PATH. Set by
# the command line for the processes it starts.
COHORT_FILES = "BENCHMARKS_COHORTS"

# The folder below which adapters find patient data that cannot be packaged.
DATA_ROOT = "BENCHMARKS_DATA"

# The group of all methods.
EVERY_METHOD = "all"

METHOD_ENTRY_POINTS = "multimodal_survival_benchmarks.methods"
DATASET_ENTRY_POINTS = "multimodal_survival_benchmarks.datasets"


@cache
def method_cards() -> Cards[MethodCard]:
    """Return the cards of all registered methods by name."""
    cards: Cards[MethodCard] = Cards("method")
    for path in sorted(_folder("methods").glob("*/card.toml")):
        cards.add(path.parent.name, partial(read_method_card, path))
    for point in importlib.metadata.entry_points(group=METHOD_ENTRY_POINTS):
        cards.add(point.name, partial(_announced_method, point))
    return cards


@cache
def dataset_cards() -> Cards[DatasetCard]:
    """Return the cards of all registered datasets by name."""
    cards = _shipped_dataset_cards()
    for file in filter(None, os.environ.get(COHORT_FILES, "").split(os.pathsep)):
        cards.add(file, partial(_cohort_card, Path(file)))
    return cards


def names_taken() -> set[str]:
    """Return the names that an own cohort cannot have: those of the datasets of the suite and of other packages."""
    shipped = _shipped_dataset_cards()
    return {*shipped, *shipped.broken}


def _shipped_dataset_cards() -> Cards[DatasetCard]:
    cards: Cards[DatasetCard] = Cards("dataset")
    # Imported for its search path only: three lines, no dependency.
    adapters = importlib.import_module("benchmarks.datasets")
    for path in sorted(Path(adapters.__path__[0]).glob("*/*.toml")):
        try:
            members = dataset_members(path)
        except UsageError as error:
            cards.broken[path.stem] = str(error)
            continue
        for values in members:
            cards.add(str(values.get("name", path.stem)), partial(dataset_card_of, values, path))
    for point in importlib.metadata.entry_points(group=DATASET_ENTRY_POINTS):
        cards.add(point.name, partial(_announced_dataset, point))
    return cards


def register_cohort_file(path: Path) -> str:
    """Register a hospital's own cohort, described by a TOML file, and return its name.

    Raises
    ------
    UsageError
        If the file is no valid description, or its name is taken.
    """
    name = _cohort_card(path.resolve()).name
    files = [file for file in os.environ.get(COHORT_FILES, "").split(os.pathsep) if file]
    if str(path.resolve()) not in files:
        os.environ[COHORT_FILES] = os.pathsep.join([*files, str(path.resolve())])
        dataset_cards.cache_clear()
    return dataset_cards().named(name).name


def method_card(name: str) -> MethodCard:
    """Return the card of a registered method, or of an importable ``module:Class`` with a card beside it."""
    if ":" in name:
        # Several classes may share a card; the one that was named is the one that runs.
        return replace(read_method_card(_module_folder(name) / "card.toml"), entry=name)
    return method_cards().named(name)


def dataset_card(name: str) -> DatasetCard:
    """Return the card of a registered dataset."""
    return dataset_cards().named(name)


def groups() -> dict[str, list[str]]:
    """Return the named groups of methods; ``all`` is every one whose card can be used."""
    cards = method_cards()
    named = sorted({group for card in cards.values() for group in card.groups})
    return {
        **{group: [name for name, card in cards.items() if group in card.groups] for group in named},
        EVERY_METHOD: list(cards),
    }


def expand(names: str) -> list[str]:
    """Return the methods that a comma-separated list of names and groups stands for, each once."""
    expanded: list[str] = []
    known = groups()
    for name in comma_list(names, "method"):
        expanded += known.get(name, [name])
    for name in expanded:
        if ":" not in name:
            method_cards().named(name, *known)
    return list(dict.fromkeys(expanded))


def expand_datasets(names: str) -> list[str]:
    """Return the datasets that a comma-separated list stands for, each once; a cohort file is registered."""
    named = comma_list(names, "dataset")
    expanded = list(
        dict.fromkeys(register_cohort_file(Path(name)) if name.endswith(".toml") else name for name in named)
    )
    for name in expanded:
        dataset_card(name)
    return expanded


def unavailable(card: MethodCard | DatasetCard) -> str | None:
    """Return why a method or dataset cannot be used here, or None if it can; nothing is imported."""
    missing = [name for name in card.requires if not _is_there(name)]
    if not missing:
        return None
    wanted = f"multimodal-survival-benchmarks[{card.extra}]" if card.extra else " ".join(missing)
    return f"needs {', '.join(missing)}: pip install '{wanted}'"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False  # the package that it would be in is not there


def missing_data(card: DatasetCard) -> str | None:
    """Return what of a dataset's files is not below the data root, or None if all of them are there."""
    if not card.files:
        return None
    root = os.environ.get(DATA_ROOT)
    if not root:
        return f"reads patient data: give its folder with --data-root or {DATA_ROOT}"
    return next((f"{path} is missing" for file in card.files if not (path := Path(root) / file).exists()), None)


def load_entry(card: MethodCard | DatasetCard) -> Callable[..., Any]:
    """Import what a card's entry names."""
    reason = unavailable(card)
    if reason:
        raise UsageError(f"{card.name} is not available: {reason}")
    module_name, _, attribute = card.entry.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        # What a module raises when it is imported is its own affair; the suite says where.
        told = f"{type(error).__name__}: {error}{_place_of(error)}"
        raise UsageError(f"{card.name}: cannot import {module_name!r}: {' '.join(told.split())}") from error
    loaded: Callable[..., Any] | None = getattr(module, attribute, None)
    if not callable(loaded):
        raise UsageError(f"{card.name}: {module_name!r} has no class or function {attribute!r}")
    return loaded


def _place_of(error: BaseException) -> str:
    """Return the file and line that an import failed in; nothing if no file was reached."""
    if isinstance(error, SyntaxError):
        return ""  # its text names both
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    own = [frame for frame in frames if Path(frame.filename) != Path(__file__)]
    return f" ({own[-1].filename}:{own[-1].lineno})" if own else ""


def _cohort_card(path: Path) -> DatasetCard:
    adapter = importlib.import_module("benchmarks.datasets.cohort_file.adapter")
    return dataset_card_of(adapter.cohort_card(path), path)


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(f"cannot find the package {package!r}")
    return Path(next(iter(spec.submodule_search_locations)))


def _module_folder(entry: str) -> Path:
    """Return the folder of the module of a ``module:attribute``, importing nothing but at most its top level."""
    if not is_entry(entry):
        raise UsageError(f"{entry!r} is no method: expected a name of the list, or module:Class")
    module = entry.partition(":")[0]
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or (rest and not spec.submodule_search_locations):
        raise UsageError(f"cannot find the module {module!r}: is its folder the current one, or is it installed?")
    if not rest:
        return Path(spec.origin or next(iter(spec.submodule_search_locations or []), "")).parent
    inside = Path(next(iter(spec.submodule_search_locations or []))).joinpath(*rest)
    return inside if inside.is_dir() else inside.parent


def _announced_method(point: importlib.metadata.EntryPoint) -> MethodCard:
    return _agreeing(read_method_card(_module_folder(point.value) / "card.toml"), point)


def _announced_dataset(point: importlib.metadata.EntryPoint) -> DatasetCard:
    path = _module_folder(point.value) / f"{point.name}.toml"
    found = read_dataset_cards(path)
    if len(found) != 1:
        raise UsageError(f"{path}: an entry point announces one dataset, the card has {len(found)} members")
    return _agreeing(found[0], point)


def _agreeing(card: Card, point: importlib.metadata.EntryPoint) -> Card:
    if card.name != point.name or card.entry != point.value:
        raise UsageError(
            f"entry point {point.name} = {point.value} disagrees with its card: {card.name} = {card.entry}"
        )
    return card
