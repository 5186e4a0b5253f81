"""When a teacher is asked."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Cohort
from methods.llm_distillation.teachers import horizons_of


def cohort(time: list[float], event: list[int], unit: str) -> Cohort:
    return Cohort.from_table(pd.DataFrame({"age": np.zeros(len(time))}), time=time, event=event, time_unit=unit)


@pytest.mark.parametrize(("unit", "year"), [("days", 365.25), ("months", 12.0), ("years", 1.0)])
def test_the_months_are_one_three_and_five_years_in_every_unit(unit: str, year: float) -> None:
    followed = cohort([0.5 * year, 2 * year, 9 * year], [1, 1, 0], unit)
    np.testing.assert_allclose(horizons_of(followed), [year, 3 * year, 5 * year])


def test_quantiles_are_of_the_event_times_alone() -> None:
    np.testing.assert_allclose(horizons_of(cohort([1, 2, 3, 4, 5, 100], [1, 1, 1, 1, 1, 0], "days")), [2, 3, 4])


@pytest.mark.parametrize("time", [[0.5, 2.0, 4.9], [1.1, 2.0, 9.0]])
def test_without_events_in_the_first_or_patients_beyond_the_fifth_year_the_quantiles_are_taken(
    time: list[float],
) -> None:
    assert horizons_of(cohort(time, [1, 1, 0], "years"))[0] not in (1.0,)
    np.testing.assert_allclose(horizons_of(cohort(time, [1, 1, 0], "years"), "months"), [1, 3, 5])


def test_equal_quantiles_are_one_horizon() -> None:
    assert horizons_of(cohort([7.0, 7.0, 8.0], [1, 1, 0], "days"), "quantiles").tolist() == [7.0]
