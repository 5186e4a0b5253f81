"""Small cohorts, and the definitions of the metrics as slow loops over all pairs."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

import metrics

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A cohort with two predictions: a risk, and curves of a proportional-hazards model."""

    time: Array
    event: NDArray[np.bool_]
    risk: Array
    times: Array
    survival: Array

    def __len__(self) -> int:
        return self.time.size


def draw_sample(n: int = 80, seed: int = 0, *, tied: bool = False, points: int = 30) -> Sample:
    """Draw exponential times with censoring; `tied` rounds times and risks so that many coincide."""
    random = np.random.default_rng(seed)
    covariate = random.normal(size=n)
    event_time = random.exponential(np.exp(-covariate))
    censoring_time = 1.5 * random.exponential(size=n)
    time = np.minimum(event_time, censoring_time)
    event = event_time <= censoring_time
    risk = covariate + random.normal(size=n)
    if tied:
        time, risk = np.ceil(time * 4) / 4, np.round(risk)
    times = np.linspace(time.min() / 2, np.quantile(time, 0.85), points)
    survival = np.exp(-np.outer(np.exp(0.5 * risk), times))
    return Sample(time, event, risk, times, survival)


@pytest.fixture
def draw():
    return draw_sample


@pytest.fixture(params=[False, True], ids=["untied", "tied"])
def sample(request: pytest.FixtureRequest) -> Sample:
    return draw_sample(tied=request.param)


@pytest.fixture
def untied() -> Sample:
    return draw_sample()


@pytest.fixture
def tied() -> Sample:
    return draw_sample(tied=True)


def comparable(time, event, i, j, tau=np.inf, strata=None):
    """Convention 2, 5 and 16."""
    if strata is not None and strata[i] != strata[j]:
        return False
    return event[i] and time[i] < tau and (time[i] < time[j] or (time[i] == time[j] and not event[j]))


def concordance(time, event, risk, tau=np.inf, strata=None, weight=None):
    """Share of concordant pairs by a loop over all pairs."""
    n, concordant, total = len(time), 0.0, 0.0
    for i in range(n):
        for j in range(n):
            if i != j and comparable(time, event, i, j, tau, strata):
                w = 1.0 if weight is None else weight[i]
                total += w
                concordant += w * ((risk[i] > risk[j]) + 0.5 * (risk[i] == risk[j]))
    return concordant / total


def concordance_td(time, event, times, survival, tau=np.inf, strata=None, tie=0.5):
    """Antolini's C by a loop over all pairs."""
    n, concordant, total = len(time), 0.0, 0
    then = metrics.interpolate_steps(times, survival, time)
    for i in range(n):
        for j in range(n):
            if i != j and comparable(time, event, i, j, tau, strata):
                total += 1
                concordant += (then[i, i] < then[j, i]) + tie * (then[i, i] == then[j, i])
    return concordant / total


def censoring_survival(time, event, at, *, before=False):
    """Convention 4 by a product over the distinct times."""
    value = 1.0
    for u in np.unique(time):
        if u < at or (u == at and not before):
            at_risk = np.sum((time > u) | ((time == u) & ~event))
            if at_risk:
                value *= 1 - np.sum((time == u) & ~event) / at_risk
    return value


def brier(train_time, train_event, time, event, survival_at, t):
    """Convention 9 by a loop over the patients."""
    total = 0.0
    for i in range(len(time)):
        if time[i] <= t and event[i]:
            total += survival_at[i] ** 2 / censoring_survival(train_time, train_event, time[i], before=True)
        elif time[i] > t:
            total += (1 - survival_at[i]) ** 2 / censoring_survival(train_time, train_event, t)
    return total / len(time)


@pytest.fixture
def slow() -> SimpleNamespace:
    """The definitions."""
    return SimpleNamespace(
        concordance=concordance,
        concordance_td=concordance_td,
        censoring_survival=censoring_survival,
        brier=brier,
    )
