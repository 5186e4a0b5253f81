"""Checks for columns that tell the outcome: by their order, as the event, as the time, by their name."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import stats

import metrics
from benchmarks.contract.evidence import ALLOWED_ERROR, disjoint_pairs, lower_limit
from benchmarks.contract.finding import Strength, Verdict
from benchmarks.contract.measurements import Measurement, count_columns, examined, measurements
from benchmarks.contract.names import tells_outcome_by_name
from benchmarks.types import BoolArray, Cohort, FloatArray, Table

# No single measurement before the outcome orders patients so well.
LEAKING_CONCORDANCE = 0.95
# Hardly one does: a person should look at it.
SUSPICIOUS_CONCORDANCE = 0.85
# Strong covariates reach it. What is accused must be better beyond chance, what is suspected better than nothing.
STRONG_CONCORDANCE = 0.7
NO_CONCORDANCE = 0.5
# Correlation with the event indicator: of a column that is nearly the event itself, or filled in only after it.
LEAKING_CORRELATION = 0.95
# So many columns are shown even if there is nothing to say of them.
SHOWN_COLUMNS = 5
# Fewer different times, or a smaller part of the patients, may be equal by rounding.
LEAST_TIMES, LEAST_EQUAL_SHARE = 5, 0.05
# How well the two values of a column say for whom another one is the time.
TELLS_FOR_WHOM = 0.95


def no_column_orders_by_outcome(cohort: Cohort) -> Verdict:
    """Refuse columns that alone order the patients by their outcome, warn of those that nearly do, show the best."""
    found = sorted(strengths(cohort), key=lambda one: (one.lower, one.concordance), reverse=True)
    problems, warnings = [], []
    for one in found:
        told = f"{one.modality}: {one.column!r} alone has a concordance of {one.concordance:z.3f}"
        if one.concordance > LEAKING_CONCORDANCE and one.lower > STRONG_CONCORDANCE:
            problems.append(f"{told}; is it known only afterwards?")
        elif one.concordance >= SUSPICIOUS_CONCORDANCE and one.lower > NO_CONCORDANCE:
            warnings.append(f"{told}, which is rare for what is known before; is it known only afterwards?")
    return Verdict(problems, warnings, found[: max(SHOWN_COLUMNS, len(problems) + len(warnings))])


def strengths(cohort: Cohort) -> Iterator[Strength]:
    """Yield of each column the concordance, of a category with many levels that of the best one."""
    outcome, columns = cohort.outcome, count_columns(cohort)
    everybody = _prepared(outcome.time, outcome.event)
    pairs_of_everybody = disjoint_pairs(outcome.time, outcome.event)
    best: dict[tuple[str, str], Strength] = {}
    for name, modality in cohort.patients.modalities.items():
        for one in examined(name, modality, cohort):
            known = one.known
            if not known.any() or np.ptp(one.values[known]) == 0:
                continue
            time, event = outcome.time[known], outcome.event[known]
            prepared = everybody if known.all() else _prepared(time, event)
            pairs = pairs_of_everybody if known.all() else disjoint_pairs(time, event)
            c = _concordance(prepared, one.values[known])
            strength = Strength(
                modality=name,
                column=one.name,
                concordance=c,
                known=int(known.sum()),
                events=int(event.sum()),
                lower=lower_limit(c, pairs, columns),
            )
            place = (name, one.column)
            if place not in best or strength.lower > best[place].lower:
                best[place] = strength
    yield from best.values()


def _prepared(time: FloatArray, event: BoolArray) -> metrics.PreparedOutcome:
    return metrics.PreparedOutcome(time, event, time, event, float(time.max()))


def _concordance(prepared: metrics.PreparedOutcome, values: FloatArray) -> float:
    """Return Harrell's C of a column, whichever way it goes."""
    try:
        c = float(metrics.concordance_index(prepared, values))
    except metrics.UndefinedError:
        return NO_CONCORDANCE  # no comparable pair: nothing is told
    return max(c, 1 - c)


def no_column_is_the_event(cohort: Cohort) -> Verdict:
    """Refuse columns that are all but the event, or known of nobody but those who had it or had it not."""
    event, columns = cohort.outcome.event, count_columns(cohort)
    tables = {name for name, modality in cohort.patients.modalities.items() if isinstance(modality, Table)}
    found = []
    for one in _with_presence(cohort):
        known = one.known
        happened = event[known]
        if known.sum() < 3 or np.ptp(one.values[known]) == 0 or happened.all() or not happened.any():
            continue
        correlation = float(np.corrcoef(one.values[known], happened)[0, 1])
        pairs = int(min(happened.sum(), (~happened).sum()))
        if abs(correlation) > LEAKING_CORRELATION:
            # A correlation so high parts the two groups nearly without overlap, which no strong covariate does.
            if lower_limit(_area(one.values[known], happened), pairs, columns) > NO_CONCORDANCE:
                found.append((abs(correlation), f"{one.label} is all but the event (correlation {correlation:.2f})"))
        elif one.modality in tables:
            # Values far apart among those with the event lower the correlation, not the area.
            area = _area(one.values[known], happened)
            if area > LEAKING_CONCORDANCE and lower_limit(area, pairs, columns) > STRONG_CONCORDANCE:
                found.append((area, f"{one.label} parts those with the event from the others (ROC area {area:.2f})"))
    return Verdict([told for _, told in sorted(found, key=lambda one: -one[0])])


def _with_presence(cohort: Cohort) -> Iterator[Measurement]:
    """Yield all columns, and of each modality and column who has it at all."""
    for name, modality in cohort.patients.modalities.items():
        yield Measurement(name, "presence", "presence", modality.present.astype(np.float64))
        told = set()
        for one in measurements(name, modality):
            yield one
            if one.column not in told:
                told.add(one.column)
                yield replace(one, name=f"presence of {one.column}", values=one.known.astype(np.float64))


def _area(values: FloatArray, happened: BoolArray) -> float:
    """Return the area under the ROC curve of a column for the event, whichever way it goes."""
    ranks = stats.rankdata(values)
    n_events = int(happened.sum())
    wins = ranks[happened].sum() - n_events * (n_events + 1) / 2
    area = float(wins / (n_events * (happened.size - n_events)))
    return max(area, 1 - area)


def no_column_is_the_time(cohort: Cohort) -> Verdict:
    """Warn of numbers of a table that are the observed time itself for more patients than by chance."""
    time, columns = cohort.outcome.time, count_columns(cohort)
    warnings = []
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Table):
            continue
        all_columns = list(measurements(name, modality))
        for one in all_columns:
            known = one.known
            equal = known & (one.values == time)
            if np.unique(time[equal]).size < LEAST_TIMES or equal.sum() < LEAST_EQUAL_SHARE * known.sum():
                continue
            if _chance_of(equal, one.values[known], time[known]) * columns > ALLOWED_ERROR:
                continue
            told = f"{one.label} is the time of the outcome itself for {equal.sum()} of {known.sum()} patients"
            others = [other for other in all_columns if _says_for_whom(other, known, equal)]
            if others:
                told += f", and {' and '.join(repr(other.name) for other in others)} says for whom"
            warnings.append(f"{told}: the time of something that may come after the inclusion?")
    return Verdict(warnings=warnings)


def _chance_of(equal: BoolArray, values: FloatArray, time: FloatArray) -> float:
    """Return how likely so many equal numbers are if the column has nothing to do with the time (Poisson)."""
    numbers, counts = np.unique(values, return_counts=True)
    times, times_counts = np.unique(time, return_counts=True)
    _, first, second = np.intersect1d(numbers, times, return_indices=True)
    expected = float((counts[first] * times_counts[second]).sum()) / values.size
    return float(stats.poisson.sf(equal.sum() - 1, expected))


def _says_for_whom(other: Measurement, known: BoolArray, equal: BoolArray) -> bool:
    both = known & other.known
    numbers = np.unique(other.values[both])
    if numbers.size != 2 or not 0 < equal[both].sum() < both.sum():
        return False
    agree = float(np.mean((other.values[both] == numbers[1]) == equal[both]))
    return max(agree, 1 - agree) >= TELLS_FOR_WHOM


def no_column_is_called_after_the_outcome(cohort: Cohort) -> Verdict:
    """Warn of columns of tables whose name speaks of what happens to patients."""
    named = [
        f"{name}: {column!r}"
        for name, modality in cohort.patients.modalities.items()
        if isinstance(modality, Table)
        for column in map(str, modality.frame)
        if tells_outcome_by_name(column)
    ]
    if not named:
        return Verdict()
    return Verdict(warnings=[f"{', '.join(named)}: by the name known only afterwards; leave out what is"])
