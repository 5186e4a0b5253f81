"""The interval of a mean over folds comes from the patients, and is missing where their influence is."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.execution.plan import Request, make_plan
from benchmarks.protocol.measures import MEASURES, POOLED, measure_named
from benchmarks.scoring.design import Design, Place
from benchmarks.scoring.influence import CellInfluence, FoldEstimate
from benchmarks.scoring.pooled import interval_of_mean, pooled_estimate
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.scoring.summary import summarise
from benchmarks.types import MAIN, Record
from benchmarks.types.score import CellScores, Score

HARRELL = measure_named("harrell_c")


def two_folds(repeats: int = 1) -> tuple[Design, dict[Place, CellInfluence]]:
    """Return a design of six patients in folds of four and two, and the influence on C: the same in each repeat."""
    own = [np.array([0.4, -0.2, -0.2, 0.0]), np.array([0.1, -0.1])]
    cells = {}
    for repeat in range(repeats):
        for fold, (value, pairs) in enumerate([(0.7, 5.0), (0.5, 1.0)]):
            of_c = {(MAIN, "harrell_c"): FoldEstimate(value, pairs, own[fold], None)}
            cells[repeat, fold] = CellInfluence(len(own[fold]), 3, 2 + fold, of_c)
    places = tuple((repeat, fold) for repeat in range(repeats) for fold in (0, 1))
    tested = [np.arange(4), np.arange(4, 6)] * repeats
    return Design(places, 6, tested, tested[::-1]), cells


def test_the_interval_of_a_mean_by_hand() -> None:
    design, cells = two_folds()
    # The mean of the folds is 0.6, whatever their pairs: each counts one half. 2.5 events a fold.
    influence = np.array([0.4, -0.2, -0.2, 0.0, 0.2, -0.2]) / 8
    square = (influence**2).sum()
    error = np.sqrt(square / (1 - 1 / 2.5))
    freedom = 2 * square**2 / ((influence**4).sum() - square**2 / 6)
    reach = stats.t.ppf(0.975, freedom) * error / 0.24
    low, high = interval_of_mean(design, cells, MAIN, HARRELL)
    assert np.log([low / (1 - low), high / (1 - high)]) == pytest.approx(np.log(1.5) + np.array([-reach, reach]))


def test_ranks_are_of_pairs_and_intervals_of_the_mean_that_is_printed() -> None:
    design, cells = two_folds()
    assert pooled_estimate(design, cells, MAIN, HARRELL).value == pytest.approx((5 * 0.7 + 0.5) / 6)


def test_a_patient_in_several_repeats_counts_once() -> None:
    design, cells = two_folds()
    again, repeated = two_folds(repeats=4)
    once, four_times = (pooled_estimate(*of, MAIN, HARRELL) for of in ((design, cells), (again, repeated)))
    np.testing.assert_allclose(four_times.influence, once.influence, rtol=1e-12)
    assert four_times.standard_error >= once.standard_error


@pytest.mark.parametrize("measure", [m for m in MEASURES if m not in POOLED], ids=lambda m: m.name)
def test_a_measure_without_influence_has_no_interval(measure) -> None:
    assert interval_of_mean(*two_folds(), MAIN, measure) is None


def test_what_is_undefined_in_a_fold_has_no_interval() -> None:
    design, cells = two_folds()
    cells[0, 1] = replace(cells[0, 1], of={})
    assert interval_of_mean(design, cells, MAIN, HARRELL) is None


def test_repeats_of_different_numbers_of_folds_have_no_interval() -> None:
    design, cells = two_folds(repeats=2)
    short = Design(design.places[:3], 6, design.tested[:3], design.trained[:3])
    assert short.uneven
    assert interval_of_mean(short, cells, MAIN, HARRELL) is None


def test_a_row_has_intervals_where_the_design_is_known() -> None:
    plan = make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=2))
    design, cells = two_folds()
    scored = []
    for planned, value in zip(plan.cells, (0.7, 0.5), strict=True):
        cell = planned.cell
        test = {measure.name: Score.of(value) for measure in MEASURES}
        scores = CellScores(protocol="p", predictions="", influence="", variants={MAIN: {"test": test}})
        record = Record(cell, "ok", seconds={"fit": 1.0, "total": 2.0})
        scored.append(ScoredCell(record, scores, cells[cell.repeat, cell.fold]))
    (row,) = summarise(scored, {"whas500": design})
    c = row.averages["harrell_c"]
    assert (c.low, c.high) == interval_of_mean(design, cells, MAIN, HARRELL)
    assert all(average.low is None for name, average in row.averages.items() if name != "harrell_c")
    (without,) = summarise(scored, {})
    assert without.averages["harrell_c"].low is None
