"""Means over folds: with an honest interval, and never over missing cells."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import metrics
from benchmarks.execution.plan import Request, make_plan
from benchmarks.protocol.measures import MEASURES as ALL_MEASURES
from benchmarks.protocol.splits import test_to_train as ratio_of_sizes
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.scoring.summary import Row, averages_of, corrected_interval, told_too_good
from benchmarks.scoring.summary import summarise as summarise_cells
from benchmarks.types import MAIN, Record
from benchmarks.types.score import CellScores, Score

MEASURES = tuple(measure.name for measure in ALL_MEASURES)


def scores(**values: float | Score) -> CellScores:
    """Return the scores of a cell whose measures are all 0.7 but for those given."""
    return of_variants({MAIN: measures(**values)})


def measures(**values: float | Score) -> dict[str, Score]:
    given = {name: value if isinstance(value, Score) else Score.of(value) for name, value in values.items()}
    return {**dict.fromkeys(MEASURES, Score.of(0.7)), **given}


def of_variants(tests: Mapping[str, Mapping[str, Score]]) -> CellScores:
    variants = {variant: {"test": test} for variant, test in tests.items()}
    return CellScores(protocol="p", predictions="", influence="", variants=variants)


def summarise(cells: Sequence[tuple[Record, CellScores | None]]) -> list[Row]:
    """Return the rows of cells, without intervals."""
    return summarise_cells([ScoredCell(record, found) for record, found in cells], {})


@pytest.fixture(scope="module")
def records() -> list[Record]:
    plan = make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=5))
    return [Record(planned.cell, "ok", seconds={"fit": 1.0, "total": 2.0}) for planned in plan.cells]


def test_the_sizes_behind_the_correction_are_those_of_the_splits() -> None:
    # Five folds: 20 % test, and four fifths of the other 80 % to train on.
    assert ratio_of_sizes(5, merged=False) == pytest.approx(0.20 / 0.64)
    assert ratio_of_sizes(10, merged=False) == pytest.approx(0.10 / 0.72)


def test_the_interval_is_the_corrected_one() -> None:
    values = [0.6, 0.7, 0.65, 0.8, 0.75]
    low, high = corrected_interval(values, folds=5)
    reach = stats.t.ppf(0.975, 4) * np.sqrt((1 / 5 + 0.3125) * np.var(values, ddof=1))
    assert (low, high) == pytest.approx((0.7 - reach, 0.7 + reach))
    naive = stats.t.interval(0.95, 4, loc=0.7, scale=np.std(values, ddof=1) / np.sqrt(5))
    assert high - low > naive[1] - naive[0]


def test_one_or_two_folds_have_no_interval() -> None:
    assert corrected_interval([0.7], folds=5) is None
    # Two concordance indices: the interval would be 0.7 +- 2.38.
    assert corrected_interval([0.6, 0.8], folds=2) is None


def test_three_folds_have_an_interval() -> None:
    low, high = corrected_interval([0.6, 0.7, 0.8], folds=3)
    reach = 4.302653 * np.sqrt((1 / 3 + (1 / 3) / (2 / 3 * 4 / 5)) * 0.01)
    assert (low, high) == pytest.approx((0.7 - reach, 0.7 + reach))


def test_a_mean_over_all_cells(records: list[Record]) -> None:
    (row,) = summarise([(r, scores(harrell_c=0.6 + 0.05 * i)) for i, r in enumerate(records)])
    assert row.averages["harrell_c"].mean == pytest.approx(0.7)
    assert row.ok == row.cells == 5
    assert row.problem == ""


def test_a_failed_cell_leaves_no_mean_but_its_cause(records: list[Record]) -> None:
    failed = Record(records[0].cell, "timeout", cause="time limit of 5 s passed", seconds={"total": 5.0})
    (row,) = summarise([(failed, None), *((r, scores()) for r in records[1:])])
    assert row.averages == {}
    assert row.state == "failed"
    assert row.ok == 4
    assert row.problem == "1 of 5 cells timeout: time limit of 5 s passed"


def test_skipped_cells_are_no_failure_unless_others_failed(records: list[Record]) -> None:
    # A cause may hold any text: the state is that of the records.
    failed = Record(records[0].cell, "failed", cause="ValueError: 3 files skipped: unreadable", seconds={"total": 5.0})
    skipped = [Record(r.cell, "skipped", cause="needs rna") for r in records]
    assert [row.state for row in summarise([(r, None) for r in skipped])] == ["skipped"]
    assert [row.state for row in summarise([(failed, None), *((r, None) for r in skipped[1:])])] == ["failed"]
    assert [row.state for row in summarise([(failed, None)])] == ["failed"]


def test_an_undefined_fold_leaves_that_measure_without_a_mean(records: list[Record]) -> None:
    undefined = scores(ibs=Score.undefined("no support"))
    (row,) = summarise([(records[0], undefined), *((r, scores()) for r in records[1:])])
    assert row.averages["ibs"].mean is None
    assert row.averages["ibs"].status == "undefined"
    assert row.averages["ibs"].problem == "undefined in 1 of 5 folds: no support"
    assert row.averages["harrell_c"].mean == pytest.approx(0.7)


def test_what_a_method_reports_in_some_folds_alone_has_no_mean(records: list[Record]) -> None:
    made = [scores() for _ in records]
    made[0] = scores(diagnostic_steps=0.7)
    made[1] = of_variants({MAIN: measures(), "expected": measures()})
    main, expected = summarise(list(zip(records, made, strict=True)))
    told = "missing in 4 of 5 folds: the method reports it in other folds alone"
    assert main.averages["diagnostic_steps"].status == "missing"
    assert (main.averages["diagnostic_steps"].mean, main.averages["diagnostic_steps"].problem) == (None, told)
    assert main.averages["harrell_c"].mean == pytest.approx(0.7)
    assert (expected.averages["harrell_c"].mean, expected.averages["harrell_c"].problem) == (None, told)


def d_calibration(counts: np.ndarray, events: int) -> Score:
    return replace(Score.of(0.5), counts=tuple(counts.tolist()), events=events)


def test_distribution_calibration_is_one_test_of_all_folds(records: list[Record]) -> None:
    # Too many in the first bin of each fold, by what no fold alone would reject.
    counts = np.array([12.0, *[6.0] * 9])
    (row,) = summarise([(r, scores(d_calibration_p=d_calibration(counts, 40))) for r in records])
    found = row.averages["d_calibration_p"]
    alone = metrics.d_calibration_of_counts(counts, 40).p_value
    assert found.mean == metrics.d_calibration_of_counts(5 * counts, 200).p_value
    assert (found.status, found.events_a_bin, alone > 0.05 > found.mean) == ("defined", 20.0, True)


def test_a_patient_of_several_repeats_counts_once_in_distribution_calibration(records: list[Record]) -> None:
    counts = np.array([12.0, *[6.0] * 9])
    scored = [measures(d_calibration_p=d_calibration(counts, 40)) for _ in range(5)]
    once, thrice = (averages_of(n * scored, repeats=n)["d_calibration_p"] for n in (1, 3))
    assert (once.mean, once.events_a_bin) == pytest.approx((thrice.mean, thrice.events_a_bin))


def test_where_events_are_too_few_to_reject_there_is_no_p_value_but_the_reason(records: list[Record]) -> None:
    (row,) = summarise([(r, scores(d_calibration_p=d_calibration(np.full(10, 6.0), 8))) for r in records])
    found = row.averages["d_calibration_p"]
    assert (found.mean, found.status, found.events_a_bin) == (None, "undecided", 4.0)
    assert found.problem == "40 events in the test parts, 4.0 a bin: too few for D-calibration to reject"


def test_one_calibration_is_a_share_of_folds_with_the_false_discoveries_under_control(records: list[Record]) -> None:
    p_values = [0.01, 0.2, 0.9, 0.5, 0.04]
    (row,) = summarise([(r, scores(one_calibration_p=p)) for r, p in zip(records, p_values, strict=True)])
    # Benjamini and Hochberg: 0.01 x 5 / 1 is not below 0.05, and 0.04 x 5 / 2 = 0.1 is above it.
    assert row.averages["one_calibration_p"].mean == pytest.approx(0.8)


@pytest.mark.parametrize(("correlation", "told"), [(0.95, False), (0.9, False), (0.85, True), (-0.2, True)])
def test_a_student_that_does_not_rank_as_its_teacher_is_flagged(
    records: list[Record], correlation: float, told: bool
) -> None:
    (row,) = summarise([(r, scores(teacher_spearman=correlation)) for r in records])
    assert bool(row.unfaithful) == told
    assert not told or row.unfaithful == f"rank correlation with its teacher of {correlation:.2f}, below 0.9"


def test_without_a_teacher_or_a_correlation_nothing_is_flagged(records: list[Record]) -> None:
    undefined = Score.undefined("all risks are equal")
    (alone,) = summarise([(r, scores()) for r in records])
    (constant,) = summarise([(r, scores(teacher_spearman=undefined)) for r in records])
    assert alone.unfaithful == constant.unfaithful == ""
    assert constant.averages["teacher_spearman"].problem == "undefined in 5 of 5 folds: all risks are equal"


def c_of_parts(validation: float, test: float) -> CellScores:
    parts = {"validation": measures(harrell_c=validation), "test": measures(harrell_c=test)}
    return CellScores(protocol="p", predictions="", influence="", variants={MAIN: parts})


def test_a_c_that_rises_from_validation_to_test_in_every_fold_is_flagged(records: list[Record]) -> None:
    rises = [0.19, 0.2, 0.21, 0.2, 0.2]
    (row,) = summarise([(r, c_of_parts(0.6, 0.6 + rise)) for r, rise in zip(records, rises, strict=True)])
    low, high = corrected_interval(rises, folds=5)
    assert row.too_good == (
        f"C rises by 0.20 from validation to test (95 % interval {low:.2f} to {high:.2f}): "
        "does it know the test patients?"
    )


def test_a_rise_that_chance_may_make_is_told_as_such(records: list[Record]) -> None:
    """One fold alone rises by more than 0.1, and the mean does by the size of that."""
    rises = [0.8, -0.1, 0.0, -0.05, 0.0]
    (row,) = summarise([(r, c_of_parts(0.2, 0.2 + rise)) for r, rise in zip(records, rises, strict=True)])
    assert row.too_good.startswith("C rises by 0.13 from validation to test (95 % interval -0.")
    assert "chance is not excluded" in row.too_good
    few = told_too_good([(measures(harrell_c=0.5), measures(harrell_c=0.9))] * 2, folds=5)
    assert few.startswith("C rises by 0.40 from validation to test (of too few folds to exclude chance)")


def test_a_rise_in_one_fold_that_the_others_take_back_is_not_flagged(records: list[Record]) -> None:
    rises = [0.3, 0.0, 0.0, 0.0, 0.0]
    (row,) = summarise([(r, c_of_parts(0.6, 0.6 + rise)) for r, rise in zip(records, rises, strict=True)])
    assert row.too_good == ""


@pytest.mark.parametrize(("c", "told"), [(0.95, False), (0.96, True)])
def test_a_c_that_is_too_high_is_flagged_without_a_validation_part(records: list[Record], c: float, told: bool) -> None:
    (row,) = summarise([(r, scores(harrell_c=c)) for r in records])
    assert bool(row.too_good) == told
    assert not told or row.too_good == "C of 0.960 on the test parts, above 0.95: does it know the test patients?"
