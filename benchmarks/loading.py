"""Load a registered dataset: options by name, content checked against the card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.cards import DatasetCard
from benchmarks.checksums import sha256_of_cohort
from benchmarks.errors import UsageError
from benchmarks.registry import dataset_card, load_entry
from benchmarks.types import Cohort


@dataclass(frozen=True, slots=True, eq=False)
class LoadedDataset:
    """A cohort with its card and the checksum of its content."""

    card: DatasetCard
    cohort: Cohort
    sha256: str


def load_dataset(name: str, options: Mapping[str, Any] | None = None) -> LoadedDataset:
    """Load a dataset and verify its content.

    Parameters
    ----------
    name : str
        A registered dataset.
    options : mapping, optional
        Options that differ from the card's defaults.

    Raises
    ------
    UsageError
        If the dataset or an option is unknown, or the content is not what the card describes.
    """
    card = dataset_card(name)
    options = dict(options or {})
    for key in options:
        if key not in card.options:
            known = ", ".join(card.options) or "none"
            raise UsageError(f"dataset {name} has no option {key!r}; it has: {known}")
    cohort: Cohort = load_entry(card)(**card.arguments, **{**card.options, **options})
    sha256 = sha256_of_cohort(cohort)
    _verify(card, cohort, options, sha256)
    return LoadedDataset(card, cohort, sha256)


def changed_options(card: DatasetCard, options: Mapping[str, Any]) -> str:
    """Return the options that differ from the defaults as text: the key of the card's checksums."""
    changed = {key: value for key, value in sorted(options.items()) if value != card.options[key]}
    return ",".join(f"{key}={json.dumps(value)}" for key, value in changed.items())


def _verify(card: DatasetCard, cohort: Cohort, options: Mapping[str, Any], sha256: str) -> None:
    if (len(cohort), cohort.outcome.n_events) != (card.n, card.events):
        raise UsageError(
            f"{card.name}: loaded {len(cohort)} patients with {cohort.outcome.n_events} events, "
            f"the card says {card.n} with {card.events}"
        )
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
