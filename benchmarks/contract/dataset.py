"""What every dataset must fulfil, check by check: card against content, duplicates, columns that tell the outcome."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import metrics
from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.loading import LoadedDataset, changed_options, data_root, load_dataset
from benchmarks.catalog.registry import load_entry
from benchmarks.contract.comparison import ContractError
from benchmarks.contract.method import Finding
from benchmarks.errors import UsageError
from benchmarks.protocol.protocol import STANDARD_SPLITS, horizon_by_rule
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.oracle import true_prediction
from benchmarks.types import BoolArray, Cohort, FloatArray, IntArray, Matrix, Modality, Table, Texts, told_excluded

# No single measurement before the outcome orders patients so well.
LEAKING_CONCORDANCE = 0.95
# Correlation with the event indicator: of a column that is nearly the event itself, or filled in only after it.
LEAKING_CORRELATION = 0.95
# Of a wide matrix, so many columns are examined: those whose ranks go best with the observed times.
EXAMINED_COLUMNS = 20
# Twins of which chance lets fewer pairs be expected are one patient entered twice.
COINCIDENCE = 1e-3
# Two patients may share a short text, not one of so many characters.
LONG_TEXT = 200
# How far the number of events may lie from the one the truth expects, in standard errors.
ALLOWED_ERRORS = 4.0


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
    except (UsageError, ValueError) as error:
        yield Finding(title, " ".join(str(error).split()))
        return
    yield Finding(", ".join(filter(None, [title, told_excluded(loaded.cohort.excluded)])))
    checks: dict[str, Callable[[], None]] = {
        "loads the same a second time": partial(_loads_again, loaded, options),
        "has the modalities and the time unit of the card": partial(_matches_card, loaded),
        "no column is empty": partial(_no_empty_column, loaded.cohort),
        "no two patients are the same": partial(_no_twins, loaded.cohort),
        "no two patients share a long text": partial(_no_shared_text, loaded.cohort),
        "no single column orders the patients by their outcome": partial(_no_telling_column, loaded.cohort),
        "no column is the event, or filled in after it": partial(_no_column_of_the_event, loaded.cohort),
        "five folds have events in every part": partial(_can_be_split, loaded),
    }
    if card.covariates:
        checks["the card describes every covariate"] = partial(_describes_covariates, loaded)
    if card.horizon is not None and not changed_options(card, options):
        checks["the horizon of the card is the one the rule gives"] = partial(_horizon_by_rule, loaded)
    if card.oracle:
        checks["there are as many events as the truth expects"] = partial(_truth_fits, loaded, dict(options))
    for name, check in checks.items():
        yield _run(name, check)


def _run(title: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except (ContractError, UsageError) as error:
        return Finding(title, " ".join(str(error).split()))
    return Finding(title)


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


def _no_empty_column(cohort: Cohort) -> None:
    for name, modality in cohort.patients.modalities.items():
        for column, values in _columns(modality):
            if not np.isfinite(values).any():
                raise ContractError(f"{name}: nobody has a value in {column!r}")


def _no_twins(cohort: Cohort) -> None:
    """Refuse patients who agree in time, event and every value of tables and matrices, unless chance explains it."""
    outcome = pd.DataFrame({"time": cohort.outcome.time, "event": cohort.outcome.event})
    values, wide = [outcome], []
    for name, modality in cohort.patients.modalities.items():
        if isinstance(modality, Table):
            values.append(modality.frame.add_prefix(f"{name}."))
        elif isinstance(modality, Matrix):
            wide.append(pd.Series([row.tobytes() if has else None for row, has in _rows_of(modality)], dtype=object))
    table = pd.concat(values, axis=1)
    everything = pd.concat([table, *wide], axis=1)
    alike = np.flatnonzero(everything.duplicated(keep=False).to_numpy())
    groups = everything.iloc[alike].groupby(list(everything.columns), dropna=False, observed=True, sort=False).indices
    suspicious = []
    for members in groups.values():
        rows = alike[members]
        measured = any(series.iloc[rows[0]] is not None for series in wide)
        if measured or _expected_twins(table, rows) < COINCIDENCE:
            suspicious.append(rows)
    if suspicious:
        one, other = (str(cohort.patients.ids[row]) for row in suspicious[0][:2])
        n = sum(len(rows) for rows in suspicious)
        raise ContractError(f"{n} patients share everything with another, first {one!r} and {other!r}")


def _rows_of(matrix: Matrix) -> Iterator[tuple[Any, bool]]:
    return zip(matrix.values, matrix.present.tolist(), strict=True)


def _expected_twins(table: pd.DataFrame, rows: IntArray) -> float:
    """Return how many pairs of patients would by chance agree in what these share.

    The number of pairs times the share of each known value among all others (half a patient if nobody else has it):
    columns are taken as independent, and missing values as telling nothing.
    """
    n = len(table)
    shares = 1.0
    for name in table.columns:
        value = table[name].iloc[rows[0]]
        if not pd.isna(value):
            others = int((table[name] == value).sum()) - len(rows)
            shares *= max(others, 0.5) / n
    return shares * n * (n - 1) / 2


def _no_shared_text(cohort: Cohort) -> None:
    for name, modality in cohort.patients.modalities.items():
        if isinstance(modality, Texts) and not modality.templated:
            long = np.array([len(text) >= LONG_TEXT for text in modality.texts])
            _refuse_repeated(cohort, pd.DataFrame({"text": list(modality.texts)}), long, name)


def _refuse_repeated(cohort: Cohort, content: pd.DataFrame, among: BoolArray, what: str) -> None:
    repeated = np.flatnonzero(content.duplicated(keep=False).to_numpy() & among)
    if repeated.size:
        first = content.iloc[repeated[0]]
        twin = next(row for row in repeated[1:] if content.iloc[row].equals(first))
        one, other = (str(cohort.patients.ids[row]) for row in (repeated[0], twin))
        raise ContractError(f"{repeated.size} patients share {what} with another, first {one!r} and {other!r}")


def _no_telling_column(cohort: Cohort) -> None:
    outcome = cohort.outcome
    prepared = metrics.PreparedOutcome(
        outcome.time, outcome.event, outcome.time, outcome.event, float(outcome.time.max())
    )
    for name, modality in cohort.patients.modalities.items():
        for column, values in _examined(modality, cohort):
            known = np.isfinite(values)
            if outcome.event[known].sum() < 2 or np.ptp(values[known]) == 0:
                continue
            c = _concordance(prepared if known.all() else None, cohort, values, known)
            if max(c, 1 - c) > LEAKING_CONCORDANCE:
                raise ContractError(
                    f"{name}: {column!r} alone has a concordance of {max(c, 1 - c):.3f}; is it known only afterwards?"
                )


def _concordance(
    prepared: metrics.PreparedOutcome | None, cohort: Cohort, values: FloatArray, known: BoolArray
) -> float:
    if prepared is None:
        time, event = cohort.outcome.time[known], cohort.outcome.event[known]
        prepared = metrics.PreparedOutcome(time, event, time, event, float(time.max()))
    try:
        return float(metrics.concordance_index(prepared, values[known]))
    except metrics.UndefinedError:
        return 0.5  # no comparable pair: nothing is told


def _no_column_of_the_event(cohort: Cohort) -> None:
    event = cohort.outcome.event.astype(np.float64)
    for name, modality in cohort.patients.modalities.items():
        found = [("presence", modality.present.astype(np.float64))]
        for column, values in _columns(modality):
            found += [(column, values), (f"presence of {column}", np.isfinite(values).astype(np.float64))]
        for column, values in found:
            known = np.isfinite(values)
            if known.sum() < 3 or np.ptp(values[known]) == 0 or np.ptp(event[known]) == 0:
                continue
            correlation = float(np.corrcoef(values[known], event[known])[0, 1])
            if abs(correlation) > LEAKING_CORRELATION:
                raise ContractError(f"{name}: {column!r} is all but the event (correlation {correlation:.2f})")


def _columns(modality: Modality) -> Iterator[tuple[str, FloatArray]]:
    """Yield the columns of a table or matrix as numbers; of a category each level, of an ordered one its rank."""
    if isinstance(modality, Matrix):
        for place, name in enumerate(modality.names):
            yield name, modality.values[:, place].astype(np.float64)
    if isinstance(modality, Table):
        for name in modality.numeric:
            yield name, modality.frame[name].to_numpy()
        for name in modality.categorical:
            column = modality.frame[name].cat
            codes = np.where(column.codes < 0, np.nan, column.codes.astype(np.float64))
            if column.ordered:
                yield name, codes
            else:
                for code, level in enumerate(column.categories):
                    yield f"{name} = {level}", np.where(np.isnan(codes), np.nan, codes == code)


def _examined(modality: Modality, cohort: Cohort) -> Iterator[tuple[str, FloatArray]]:
    """Yield all columns of a table, and those of a matrix whose ranks go best with the times of the events."""
    if not isinstance(modality, Matrix) or len(modality.names) <= EXAMINED_COLUMNS:
        yield from _columns(modality)
        return
    rows = np.flatnonzero(cohort.outcome.event & modality.present)
    if rows.size < 3:
        return
    ranked = pd.DataFrame(modality.values[rows]).rank()
    ranks = ranked.fillna(ranked.mean()).fillna(0.0).to_numpy()
    times = pd.Series(cohort.outcome.time[rows]).rank().to_numpy()
    ranks -= ranks.mean(axis=0)
    spread = np.sqrt((ranks**2).sum(axis=0))
    strength = np.abs((times - times.mean()) @ ranks) / np.where(spread > 0, spread, 1.0)
    for place in np.argsort(-strength)[:EXAMINED_COLUMNS]:
        yield modality.names[place], modality.values[:, place].astype(np.float64)


def _can_be_split(loaded: LoadedDataset) -> None:
    make_splits(loaded.cohort, folds=5, repeats=1, seed=0)


def _horizon_by_rule(loaded: LoadedDataset) -> None:
    cohort = loaded.cohort
    by_rule = horizon_by_rule(cohort.outcome, make_splits(cohort, seed=0, **STANDARD_SPLITS))
    if by_rule != loaded.card.horizon:
        raise ContractError(f"the card says {loaded.card.horizon}, the rule gives {by_rule}")


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
