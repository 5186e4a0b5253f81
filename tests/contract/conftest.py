"""A drawn cohort to which the tests of datasets' checks add the column that they are about."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Cohort

MakeCohort = Callable[..., Cohort]


@pytest.fixture
def drawn_cohort() -> MakeCohort:
    """Return a function that draws patients with age, marker and grade, and adds or replaces columns."""

    def make(n: int = 200, seed: int = 0, ids: list[str] | None = None, **columns: object) -> Cohort:
        random = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "age": random.normal(60, 10, n).round(1),
                "marker": random.lognormal(0, 0.6, n).round(3),
                "grade": random.choice(["low", "mid", "high"], n),
            }
        )
        hazard = np.exp(0.05 * (frame["age"] - 60) + 0.4 * np.log(frame["marker"]))
        happens, leaves = random.exponential(700 / hazard), random.uniform(100, 3000, n)
        time = np.ceil(np.minimum(happens, leaves)) + 0.0
        return Cohort.from_table(frame.assign(**columns), time=time, event=happens <= leaves, time_unit="days", ids=ids)

    return make
