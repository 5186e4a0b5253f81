"""What the page says of a dataset: its card, its size, and a coarse Kaplan-Meier curve where its data are at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sksurv.nonparametric import kaplan_meier_estimator

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.embargo import EMBARGO_MARK
from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_cards
from benchmarks.errors import UsageError
from benchmarks.reports.dataset import describe
from benchmarks.types import Outcome
from leaderboards.pages.html.rows import rounded
from leaderboards.pages.html.told import without_paths

# Where fewer are at risk the curve ends: its steps would be single patients.
FEWEST_AT_RISK = 10

# The curve is told at so many equal steps, the number at risk at so many: no time of an event stands in the file.
CURVE_STEPS = 60
AT_RISK_STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A Kaplan-Meier estimate on equally spaced times, with pointwise 95 % interval and the numbers at risk below it.

    Parameters
    ----------
    times, survival, low, high : list of float
        In the dataset's unit; probability of being free of the event, and its interval (log(-log S), Greenwood).
    at_risk : list of (float, int)
        At fewer times, those still followed up without the event.
    """

    times: list[float]
    survival: list[float]
    low: list[float]
    high: list[float]
    at_risk: list[tuple[float, int]]


def curve_of(outcome: Outcome) -> Curve | None:
    """Return the coarse curve of a cohort; None if too few are followed up for one.

    Parameters
    ----------
    outcome : Outcome
        Times and events of n patients.
    """
    if len(outcome.time) < FEWEST_AT_RISK:
        return None
    # At the last time of the curve as many are still at risk.
    end = float(np.sort(outcome.time)[-FEWEST_AT_RISK])
    if not end > 0 or not outcome.event.any():
        return None
    at, survival, (low, high) = kaplan_meier_estimator(outcome.event, outcome.time, conf_type="log-log")
    times = np.linspace(0, end, CURVE_STEPS + 1)
    place = np.searchsorted(at, times, side="right")

    def on_grid(values: "np.ndarray[Any, np.dtype[np.float64]]") -> list[float]:
        return [rounded(float(value)) for value in np.concatenate(([1.0], values))[place]]

    told_at = np.linspace(0, end, AT_RISK_STEPS + 1)
    return Curve(
        times=[float(f"{time:.4g}") for time in times],
        survival=on_grid(survival),
        low=on_grid(np.where(np.isnan(low), survival, low)),
        high=on_grid(np.where(np.isnan(high), survival, high)),
        at_risk=[(float(f"{time:.4g}"), int((outcome.time >= time).sum())) for time in told_at],
    )


def dataset_facts(
    name: str, data_sha256: str, options: Mapping[str, Any] | None = None, complete_cases: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what is known of a dataset here, as plain values.

    Without a card (results from elsewhere), without its data, or where the data here are others than the board's, the
    reason stands in ``missing`` in place of what is missing.

    Parameters
    ----------
    name : str
        Of the dataset.
    data_sha256 : str
        Checksum of the data that the board is of.
    options, complete_cases
        With which it was loaded (``Cell``).
    """
    card = dataset_cards().get(name)
    if card is None:
        return {"missing": "the dataset is not registered here: neither its description nor its data are at hand"}
    facts = {**_of_card(card), "options": _told(options or {})}
    try:
        loaded = load_dataset(name, options, complete_cases=complete_cases)
    except UsageError as error:
        return {**facts, "missing": f"its data could not be read: {without_paths(str(error))}"}
    if loaded.sha256 != data_sha256:
        return {**facts, "missing": "the data at hand are not those of the board: their checksums differ"}
    described = describe(loaded)
    curve = curve_of(loaded.cohort.outcome)
    return {
        **facts,
        "patients": described.patients,
        "events": described.events,
        "excluded": described.excluded,
        "horizon": described.horizon,
        "grid_points": described.grid_points,
        "events_to_horizon": described.events_to_horizon,
        "median_follow_up": described.median_follow_up,
        "median_survival": described.median_survival,
        "modalities": [[one.name, one.kind, one.patients, one.extent] for one in described.modalities],
        **({"curve": asdict(curve)} if curve is not None else {"missing": "too few are followed up for a curve"}),
    }


def _told(options: Mapping[str, Any]) -> str:
    """Return the options of a dataset that are set, as ``key=value``."""
    told = [f"{name}={value}" for name, value in sorted(options.items()) if value not in (None, "")]
    return without_paths(", ".join(told))


def _of_card(card: DatasetCard) -> dict[str, Any]:
    texts = {
        "title": card.title,
        "endpoint": card.endpoint,
        "time_unit": card.time_unit,
        "source": card.source,
        "citation": card.citation,
        "licence": card.licence,
        "embargo": EMBARGO_MARK if card.embargo else "",
    }
    return {
        **{key: without_paths(text) for key, text in texts.items()},
        "traps": [without_paths(trap) for trap in card.traps],
        "covariates": [[without_paths(text) for text in (one.name, one.meaning, one.unit)] for one in card.covariates],
    }
