"""How often the printed intervals hold what the fitted models are worth in the population.

For each cohort: stratified folds as the suite draws them, a Cox model fitted on the train part of each
fold, scores and influence as the suite computes them, and the interval of the mean over the folds as it is printed.
The truth is the mean over the folds of what each fitted model reaches in the population.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from population import FittedModel, Population, Scenario

from benchmarks.protocol.measures import POOLED, Measure
from benchmarks.protocol.protocol import EvaluationProtocol, grid_by_rule
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.design import Design
from benchmarks.scoring.evaluation import prepare
from benchmarks.scoring.influence import influence_of
from benchmarks.scoring.pooled import interval_of_mean
from benchmarks.scoring.summary import corrected_interval
from benchmarks.types import MAIN, Cohort, PredictedPart, Prediction, Split
from metrics import kaplan_meier
from metrics.cox import fit_cox

FOLDS = 5
REPEATS = (1, 5)
KAPLAN_MEIER = "kaplan_meier"


@dataclass(frozen=True, slots=True)
class Printed:
    """The mean of a measure over the folds of a cohort, its interval, that by folds, and the truth."""

    repeats: int
    row: str
    measure: str
    value: float
    truth: float
    interval: tuple[float, float]
    by_folds: tuple[float, float]


def printed(scenario: Scenario, population: Population, random: np.random.Generator) -> Iterator[Printed]:
    """Draw a cohort, fit and score it in folds, and yield what would be printed."""
    covariates, time, event = scenario.draw(random)
    names = pd.DataFrame({"x": covariates[:, 0]})
    cohort = Cohort.from_table(names, time=time, event=event, time_unit="years")
    protocol = EvaluationProtocol(scenario.name, grid_by_rule(cohort.outcome, scenario.horizon))
    true_survival = population.survival(protocol.times)
    splits = make_splits(cohort, folds=FOLDS, repeats=max(REPEATS), seed=int(random.integers(2**31)))
    influence, truth = {}, {}
    for split in splits:
        model, curve = fitted(covariates, cohort, protocol, split)
        place = (split.repeat, split.fold)
        prepared = prepare(protocol, cohort.outcome.take(split.train), cohort.outcome.take(split.test))
        part = predicted(covariates, cohort, protocol, split, model, curve)
        influence[place] = influence_of(protocol, prepared, part)
        truth[place] = true_values(population, protocol, true_survival, model, curve)
    for repeats in REPEATS:
        places = tuple(place for place in influence if place[0] < repeats)
        of_design = [split for split in splits if split.repeat < repeats]
        design = Design(places, scenario.patients, [s.test for s in of_design], [s.train for s in of_design])
        for row, measure in truth[0, 0]:
            interval = interval_of_mean(design, influence, row, measure)
            values = [influence[place].of[row, measure.name].value for place in places]
            by_folds = corrected_interval(values, FOLDS)
            assert interval is not None
            assert by_folds is not None
            true = float(np.mean([truth[place][row, measure] for place in places]))
            yield Printed(repeats, row, measure.name, float(np.mean(values)), true, interval, by_folds)


def fitted(
    covariates: np.ndarray, cohort: Cohort, protocol: EvaluationProtocol, split: Split
) -> tuple[FittedModel, np.ndarray]:
    """Fit a Cox model, and the Kaplan-Meier curve, on the train part of a fold."""
    outcome = cohort.outcome.take(split.train)
    order = np.argsort(outcome.time)
    time, event, seen = outcome.time[order], outcome.event[order], covariates[split.train][order]
    coefficients = fit_cox(time, event, seen).coefficients
    at_risk = np.cumsum(np.exp(seen @ coefficients)[::-1])[::-1]
    hazard = np.concatenate([[0.0], np.cumsum(event / at_risk)])
    model = FittedModel(coefficients, hazard[np.searchsorted(time, protocol.times, side="right")])
    return model, kaplan_meier(time, event).at(protocol.times)


def predicted(
    covariates: np.ndarray,
    cohort: Cohort,
    protocol: EvaluationProtocol,
    split: Split,
    model: FittedModel,
    curve: np.ndarray,
) -> PredictedPart:
    """Predict the test part: by the Cox model, and as a variant by the Kaplan-Meier curve."""
    risk = covariates[split.test] @ model.coefficients
    of_cox = Prediction(risk, protocol.times, np.exp(-np.outer(np.exp(risk), model.hazard)))
    of_curve = Prediction(np.zeros(risk.size), protocol.times, np.tile(curve, (risk.size, 1)))
    ids = cohort.patients.ids[split.test]
    return PredictedPart(ids, cohort.outcome.take(split.test), None, {MAIN: of_cox, KAPLAN_MEIER: of_curve})


def true_values(
    population: Population,
    protocol: EvaluationProtocol,
    true_survival: np.ndarray,
    model: FittedModel,
    curve: np.ndarray,
) -> dict[tuple[str, Measure], float]:
    """Return what the models of a fold reach in the population, by row and measure."""
    grid = protocol.times
    share = np.zeros(grid.size)
    widths = np.diff(grid) / (2 * (grid[-1] - grid[0]))
    share[:-1] += widths
    share[1:] += widths
    ibs = population.brier(model, true_survival, share)
    reference = population.brier_of_curve(curve, true_survival, share)
    of_cox = population.concordance(model, grid) | {"ibs": ibs, "scaled_ibs": 1 - ibs / reference}
    measures = {measure.name: measure for measure in POOLED}
    return {(MAIN, measures[name]): value for name, value in of_cox.items()} | {
        (KAPLAN_MEIER, measures["ibs"]): reference
    }


def table(found: list[Printed], cohorts: int) -> str:
    """Return the rows of the table of one scenario."""
    frame = pd.DataFrame(found)
    lines = []
    for (repeats, row, measure), group in frame.groupby(["repeats", "row", "measure"], sort=False):
        low, high = (group.interval.str[end] for end in (0, 1))
        half = (high - low) / 2
        inside = ((low <= group.truth) & (group.truth <= high)).mean()
        around = (abs(group.value - group.truth) <= half).mean()
        by_folds = ((group.by_folds.str[0] <= group.truth) & (group.truth <= group.by_folds.str[1])).mean()
        error = (group.value - group.truth).std()
        numbers = f"{group.truth.mean():.4f} | {error:.4f} | {half.mean():.4f}"
        shares = " | ".join(
            f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / cohorts):.1f}"
            for share in (inside, around, by_folds)
        )
        lines.append(f"| {repeats} | {row or 'cox'} | {measure} | {numbers} | {shares} |")
    return "\n".join(lines)
