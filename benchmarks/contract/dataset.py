"""What every dataset must fulfil, check by check: card against content, duplicates, columns that tell the outcome."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from benchmarks.catalog.cards import HORIZON, DatasetCard
from benchmarks.catalog.loading import LoadedDataset, changed_options, data_root, load_dataset
from benchmarks.catalog.registry import load_entry
from benchmarks.contract.bag_values import bags_are_finite
from benchmarks.contract.calendar import no_column_is_a_calendar
from benchmarks.contract.categories import no_category_tells_the_outcome
from benchmarks.contract.comparison import ContractError
from benchmarks.contract.finding import Finding, Verdict, one_line
from benchmarks.contract.identifiers import no_column_numbers_the_patients, no_identifier_is_spelt_twice
from benchmarks.contract.measurements import measurements
from benchmarks.contract.telling import (
    no_column_is_called_after_the_outcome,
    no_column_is_the_event,
    no_column_is_the_time,
    no_column_orders_by_outcome,
)
from benchmarks.contract.twins import no_two_patients_are_the_same, no_two_patients_share_a_text
from benchmarks.errors import ReportError, UsageError
from benchmarks.protocol.horizon import horizon_by_rule
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.oracle import true_prediction
from benchmarks.types import Bags, Cohort, told_excluded

# How far the number of events may lie from the one the truth expects, in standard errors.
ALLOWED_ERRORS = 4.0

Check = Callable[[], Verdict | None]


def verify_dataset(card: DatasetCard, options: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the result of every check; if the dataset cannot be loaded, of the first one only.

    Parameters
    ----------
    card : DatasetCard
        A registered dataset's.
    options : mapping
        All its options.

    Raises
    ------
    UsageError
        If its files are not there at all.
    """
    if card.files:
        data_root(card)
    load_entry(card)
    title = f"loads, {_promised(card, options)}"
    try:
        loaded = load_dataset(card.name, options)
    except ReportError as error:
        yield Finding.of(title, Verdict([error.title, *error.problems]))
        return
    except (UsageError, ValueError) as error:
        yield Finding.of(title, Verdict(str(error).splitlines()))
        return
    cohort = loaded.cohort
    yield Finding(", ".join(filter(None, [title, told_excluded(cohort.excluded)])))
    checks: dict[str, Check] = {
        "loads the same a second time": partial(_loads_again, loaded, options),
        "has the modalities and the time unit of the card": partial(_matches_card, loaded),
        "no column is empty": partial(_no_empty_column, cohort),
        "no identifier is spelt in two ways": partial(no_identifier_is_spelt_twice, cohort),
        "no two patients are the same": partial(no_two_patients_are_the_same, cohort),
        "no two patients share a long text": partial(no_two_patients_share_a_text, cohort),
        "no column numbers the patients": partial(no_column_numbers_the_patients, cohort),
        "no single column orders the patients by their outcome": partial(no_column_orders_by_outcome, cohort),
        "no column is the event, or filled in after it": partial(no_column_is_the_event, cohort),
        "no category tells the outcome by its levels": partial(no_category_tells_the_outcome, cohort),
        "no column holds dates, or tells until when patients were seen": partial(no_column_is_a_calendar, cohort),
        "no column is the time of the outcome": partial(no_column_is_the_time, cohort),
        "no column is called after the outcome": partial(no_column_is_called_after_the_outcome, cohort),
        "five folds have events in every part": partial(_can_be_split, loaded),
    }
    if any(isinstance(modality, Bags) for modality in cohort.patients.modalities.values()):
        checks["every bag is read, and its numbers are finite"] = partial(bags_are_finite, cohort)
    if card.covariates:
        checks["the card describes every covariate"] = partial(_describes_covariates, loaded)
    if card.horizon is not None and not changed_options(card, options) and HORIZON not in options:
        checks["every part is followed up beyond the horizon of the card"] = partial(_horizon_is_reached, loaded)
    if card.oracle:
        checks["there are as many events as the truth expects"] = partial(_truth_fits, loaded, dict(options))
    for name, check in checks.items():
        yield _run(name, check)


def _run(title: str, check: Check) -> Finding:
    try:
        verdict = check()
    except (ContractError, UsageError) as error:
        return Finding(title, one_line(str(error)))
    return Finding.of(title, verdict or Verdict())


def _promised(card: DatasetCard, options: Mapping[str, Any]) -> str:
    """Say what of the content the card states for these options, and is therefore checked at loading."""
    changed = changed_options(card, options)
    size = changed in card.sizes or (card.n is not None and (not changed or bool(card.checksums)))
    stated = [name for name, there in (("size", size), ("checksum", bool(card.checksums))) if there]
    if not stated:
        return "and the card states neither size nor checksum"
    return f"with the {' and the '.join(stated)} of the card" + ("" if card.checksums else ", which states no checksum")


def _loads_again(loaded: LoadedDataset, options: Mapping[str, Any]) -> None:
    again = load_dataset(loaded.card.name, options).sha256
    if again != loaded.sha256:
        raise ContractError(f"the content has sha256 {loaded.sha256[:16]}, then {again[:16]}")


def _matches_card(loaded: LoadedDataset) -> None:
    card, cohort = loaded.card, loaded.cohort
    for name, modality in cohort.patients.modalities.items():
        if name not in card.modalities:
            raise ContractError(f"there is a modality {name!r}; the card names {', '.join(card.modalities)}")
        if not modality.present.any():
            raise ContractError(f"no patient has the modality {name!r}")
    if cohort.time_unit != card.time_unit:
        raise ContractError(f"times are in {cohort.time_unit}, the card says {card.time_unit}")


def _describes_covariates(loaded: LoadedDataset) -> None:
    described = {covariate.name for covariate in loaded.card.covariates}
    missing = [str(name) for name in loaded.cohort.patients.table().frame if name not in described]
    if missing:
        raise ContractError(f"not described: {', '.join(missing)}")


def _no_empty_column(cohort: Cohort) -> Verdict:
    empty = {
        f"{name}: nobody has a value in {one.column!r}": None
        for name, modality in cohort.patients.modalities.items()
        for one in measurements(name, modality)
        if not one.known.any()
    }
    return Verdict(list(empty))


def _can_be_split(loaded: LoadedDataset) -> None:
    make_splits(loaded.cohort, folds=5, repeats=1, seed=0)


def _horizon_is_reached(loaded: LoadedDataset) -> None:
    """Judge a horizon by follow-up and censoring weights: an earlier one than that of the rule serves as well."""
    horizon, latest = loaded.card.horizon, horizon_by_rule(loaded.cohort)
    if horizon is not None and horizon > latest:
        raise ContractError(
            f"the card says {horizon:g}; follow-up and censoring weights of every part suffice up to {latest:g}"
        )


def _truth_fits(loaded: LoadedDataset, options: dict[str, Any]) -> None:
    r"""Compare the events with the true cumulative hazards at the observed times, :math:`\sum_i \Lambda_i(T_i)`.

    Their difference has mean 0 and about that sum as variance (it is a martingale), also where censoring depends on
    covariates. The hazards are interpolated between 400 times.
    """
    outcome = loaded.cohort.outcome
    times = np.concatenate([[0.0], np.unique(np.quantile(outcome.time, np.linspace(0.0, 1.0, 400)))])
    truth = true_prediction(loaded, options, times)
    assert truth.survival is not None
    hazards = -np.log(truth.survival)
    expected = sum(float(np.interp(time, times, row)) for time, row in zip(outcome.time, hazards, strict=True))
    if abs(outcome.n_events - expected) > ALLOWED_ERRORS * np.sqrt(expected):
        raise ContractError(f"{outcome.n_events} events, the truth expects {expected:.0f}")
