"""Which methods and datasets there are, found without importing any of them.

Built-in ones are the cards in ``methods/*/card.toml`` and ``datasets/*.toml``; other packages announce theirs as
entry points; a ``module:Class`` that is importable from here may be named directly.
"""

import importlib
import importlib.metadata
import importlib.util
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.catalog.cards import (
    Card,
    DatasetCard,
    MethodCard,
    dataset_card_of,
    read_dataset_cards,
    read_method_card,
)
from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError, hint

# Cohort files (see docs/own_cohort.md) that are registered beside the built-in datasets, separated as in PATH. Set by
# the command line for the processes it starts.
COHORT_FILES = "BENCHMARKS_COHORTS"

# The folder below which adapters find patient data that cannot be packaged.
DATA_ROOT = "BENCHMARKS_DATA"

METHOD_ENTRY_POINTS = "multimodal_survival_benchmarks.methods"
DATASET_ENTRY_POINTS = "multimodal_survival_benchmarks.datasets"

Found = TypeVar("Found")


@cache
def method_cards() -> dict[str, MethodCard]:
    """Return the cards of all registered methods by name."""
    cards = [read_method_card(path) for path in sorted(_folder("methods").glob("*/card.toml"))]
    points = importlib.metadata.entry_points(group=METHOD_ENTRY_POINTS)
    cards += [_named(read_method_card(_module_folder(point.value) / "card.toml"), point) for point in points]
    return _by_name(cards, "method")


@cache
def dataset_cards() -> dict[str, DatasetCard]:
    """Return the cards of all registered datasets by name."""
    cards = _shipped_dataset_cards()
    files = os.environ.get(COHORT_FILES)
    if files:
        cards += [_cohort_card(Path(path)) for path in files.split(os.pathsep)]
    return _by_name(cards, "dataset")


def names_taken() -> set[str]:
    """Return the names that an own cohort cannot have: those of the datasets of the suite and of other packages."""
    return {card.name for card in _shipped_dataset_cards()}


def _shipped_dataset_cards() -> list[DatasetCard]:
    # Imported for its search path only: three lines, no dependency.
    adapters = importlib.import_module("benchmarks.datasets")
    found = sorted(Path(adapters.__path__[0]).glob("*/*.toml"))
    cards = [card for path in found for card in read_dataset_cards(path)]
    for point in importlib.metadata.entry_points(group=DATASET_ENTRY_POINTS):
        (card,) = read_dataset_cards(_module_folder(point.value) / f"{point.name}.toml")
        cards.append(_named(card, point))
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
        dataset_cards()
    return name


def method_card(name: str) -> MethodCard:
    """Return the card of a registered method, or of an importable ``module:Class`` with a card beside it."""
    if ":" in name:
        # Several classes may share a card; the one that was named is the one that runs.
        return replace(read_method_card(_module_folder(name) / "card.toml"), entry=name)
    return _look_up(name, method_cards(), "method")


def dataset_card(name: str) -> DatasetCard:
    """Return the card of a registered dataset."""
    return _look_up(name, dataset_cards(), "dataset")


def groups() -> dict[str, list[str]]:
    """Return the named groups of methods; ``all`` is every registered one."""
    cards = method_cards()
    named = sorted({group for card in cards.values() for group in card.groups})
    return {
        **{group: [name for name, card in cards.items() if group in card.groups] for group in named},
        "all": list(cards),
    }


def expand(names: str) -> list[str]:
    """Return the methods that a comma-separated list of names and groups stands for, each once."""
    expanded: list[str] = []
    known = groups()
    for name in comma_list(names, "method"):
        expanded += known.get(name, [name])
    for name in expanded:
        if ":" not in name:
            _look_up(name, dict.fromkeys([*method_cards(), *known]), "method")
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
    missing = [name for name in card.requires if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    wanted = f"multimodal-survival-benchmarks[{card.extra}]" if card.extra else " ".join(missing)
    return f"needs {', '.join(missing)}: pip install '{wanted}'"


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
    except ModuleNotFoundError as error:
        raise UsageError(f"{card.name}: cannot import {module_name!r}: {error}") from None
    try:
        loaded: Callable[..., Any] = getattr(module, attribute)
    except AttributeError:
        raise UsageError(f"{card.name}: {module_name!r} has no {attribute!r}") from None
    return loaded


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
    module = entry.partition(":")[0]
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None:
        raise UsageError(f"cannot find the module {module!r}: is its folder the current one, or is it installed?")
    if not rest:
        return Path(spec.origin or "").parent
    inside = Path(next(iter(spec.submodule_search_locations or []))).joinpath(*rest)
    return inside if inside.is_dir() else inside.parent


def _named(card: Card, point: importlib.metadata.EntryPoint) -> Card:
    if card.name != point.name or card.entry != point.value:
        raise UsageError(
            f"entry point {point.name} = {point.value} disagrees with its card: {card.name} = {card.entry}"
        )
    return card


def _by_name(cards: list[Card], kind: str) -> dict[str, Card]:
    named: dict[str, Card] = {}
    for card in cards:
        if card.name in named:
            raise UsageError(f"two {kind}s are called {card.name!r}: {named[card.name].entry} and {card.entry}")
        named[card.name] = card
    return named


def _look_up(name: str, known: dict[str, Found], kind: str) -> Found:
    if name not in known:
        raise UsageError(f"unknown {kind} {name!r}; {hint(name, known)}")
    return known[name]
