"""Load a registered dataset: options by name, content checked against the card."""

import inspect
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.catalog.cards import HORIZON, DatasetCard
from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.registry import DATA_ROOT, dataset_card, load_entry, missing_data
from benchmarks.errors import CompleteCasesError, RowError, UsageError
from benchmarks.types import Cohort, Described, Table


@dataclass(frozen=True, slots=True, eq=False)
class LoadedDataset:
    """A cohort with its card and the checksum of its content."""

    card: DatasetCard
    cohort: Cohort
    sha256: str


def load_dataset(
    name: str, options: Mapping[str, Any] | None = None, *, complete_cases: Sequence[str] = ()
) -> LoadedDataset:
    """Load a dataset and verify its content.

    Parameters
    ----------
    name : str
        A registered dataset.
    options : mapping, optional
        Options that differ from the card's defaults; ``HORIZON`` takes the place of the card's horizon.
    complete_cases : sequence of str
        Keep only patients who have all of these modalities.

    Raises
    ------
    UsageError
        If the dataset or an option is unknown, its files are missing, or the content is not what the card describes.
    """
    card = dataset_card(name)
    options = dict(options or {})
    card = replace(card, horizon=options.pop(HORIZON, card.horizon))
    for key in options:
        if key not in card.options:
            known = ", ".join(card.options) or "none"
            raise UsageError(f"dataset {name} has no option {key!r}; it has: {known}")
    given = {**card.arguments, **card.options, **options}
    if card.files:
        given["root"] = data_root(card)
    adapter = load_entry(card)
    _require_arguments(card, adapter, given)
    try:
        cohort: Cohort = adapter(**given)
    except RowError as error:
        raise UsageError(f"{name}: {error}") from None
    if not len(cohort):
        raise UsageError(f"{name}: there is no patient")
    _verify_size(card, cohort, options)
    if complete_cases:
        cohort = _restrict(card, cohort, complete_cases)
    sha256 = sha256_of_cohort(cohort)
    if not complete_cases:
        _verify_content(card, options, sha256)
    return LoadedDataset(card, _described(card, cohort), sha256)


def _described(card: DatasetCard, cohort: Cohort) -> Cohort:
    """Return the cohort whose clinical table knows what the card says of its columns."""
    table = cohort.patients.modalities.get("clinical")
    if not isinstance(table, Table):
        return cohort
    said = {one.name: Described(one.meaning, one.unit) for one in card.covariates if one.name in table.frame}
    modalities = {**cohort.patients.modalities, "clinical": replace(table, described=said)}
    return replace(cohort, patients=replace(cohort.patients, modalities=modalities))


def data_root(card: DatasetCard) -> Path:
    """Return the folder of the patient data, with all files of the card in it.

    Raises
    ------
    UsageError
        If no folder is set, or a file is missing; the message tells how to get it.
    """
    missing = missing_data(card)
    if missing:
        raise UsageError(f"{card.name}: {missing}{f'; {card.obtain}' if card.obtain else ''}")
    return Path(os.environ[DATA_ROOT])


def changed_options(card: DatasetCard, options: Mapping[str, Any]) -> str:
    """Return the options that differ from the defaults as text: the key of the card's sizes and checksums.

    The content does not depend on a horizon.
    """
    of_adapter = {key: value for key, value in sorted(options.items()) if key != HORIZON}
    changed = {key: value for key, value in of_adapter.items() if value != card.options[key]}
    return ",".join(f"{key}={json.dumps(value)}" for key, value in changed.items())


def _require_arguments(card: DatasetCard, adapter: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse a card whose arguments, options or files are not those of its adapter."""
    try:
        inspect.signature(adapter).bind(**given)
    except TypeError as error:
        raise UsageError(
            f"{card.name}: the arguments, options and files of the card do not fit {card.entry}: {error}"
        ) from None


def _restrict(card: DatasetCard, cohort: Cohort, names: Sequence[str]) -> Cohort:
    try:
        return cohort.complete(*names)
    except CompleteCasesError as error:
        raise UsageError(f"{card.name}: complete cases: {error}") from None


def _verify_size(card: DatasetCard, cohort: Cohort, options: Mapping[str, Any]) -> None:
    """Compare patients and events with the card, where it knows them for these options."""
    changed = changed_options(card, options)
    stated = (card.n, card.events) if not changed or card.checksums else (None, None)
    patients, events = card.sizes.get(changed) or stated
    found = (len(cohort), cohort.outcome.n_events)
    if patients not in (None, found[0]) or events not in (None, found[1]):
        told = [f"{patients} patients"] * (patients is not None) + [f"{events} events"] * (events is not None)
        raise UsageError(
            f"{card.name}: loaded {found[0]} patients with {found[1]} events, the card says {' with '.join(told)}"
        )


def _verify_content(card: DatasetCard, options: Mapping[str, Any], sha256: str) -> None:
    if not card.checksums:
        return
    changed = changed_options(card, options)
    if changed not in card.checksums:
        raise UsageError(f"{card.name}: the card has no checksum for the options {changed!r}")
    if sha256 != card.checksums[changed]:
        raise UsageError(
            f"{card.name}: the content has sha256 {sha256[:16]}..., the card expects "
            f"{card.checksums[changed][:16]}...; is another version of the source installed?"
        )
