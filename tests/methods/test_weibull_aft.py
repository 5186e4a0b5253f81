"""Weibull regression against lifelines, on drawn times with known parameters, and when it fails."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import WeibullAFTFitter
from lifelines.exceptions import ConvergenceError
from scipy.optimize import minimize

from benchmarks.types import Cohort
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.ridge_cox import DidNotConvergeError
from methods.weibull_aft import Config, WeibullAFT


def test_curves_and_order_of_risks_are_those_of_lifelines(gbsg2, context) -> None:
    method = WeibullAFT(Config(penalty=0.01))
    method.fit(gbsg2.train, gbsg2.validation, context)
    prediction = method.predict(gbsg2.test.patients, gbsg2.times)
    outcome, table = gbsg2.train.outcome, gbsg2.train.patients.table()
    features = TabularPreprocessor().fit(table)
    frame = pd.DataFrame(features.transform(table)).rename(columns=str)
    unit = outcome.time.mean()
    fitter = WeibullAFTFitter(penalizer=0.01)
    fitter.fit(frame.assign(time=outcome.time / unit, event=outcome.event), "time", "event")
    new = pd.DataFrame(features.transform(gbsg2.test.patients.table())).rename(columns=str)
    curves = fitter.predict_survival_function(new, times=gbsg2.times[1:] / unit).to_numpy().T
    np.testing.assert_allclose(prediction.survival[:, 1:], curves, atol=1e-6)
    medians = fitter.predict_median(new).to_numpy()
    assert (np.argsort(-prediction.risk) == np.argsort(medians)).all()


def heavy_tailed(seed: int) -> Cohort:
    """Draw 120 patients with two lognormal columns and a flag that few have; times are whole days, many censored."""
    generator = np.random.default_rng(seed)
    columns = np.exp(generator.uniform(0.5, 3.0, size=2) * generator.normal(size=(120, 2)))
    flag = np.zeros(120)
    flag[generator.choice(120, generator.integers(3, 8), replace=False)] = 1.0
    frame = pd.DataFrame({"a": columns[:, 0], "b": columns[:, 1], "flag": flag})
    log_scale = ((frame - frame.mean()) / frame.std()) @ (generator.normal(size=3) * generator.choice([0.3, 1.0, 2.0]))
    time = np.ceil(400 * generator.exponential(size=120) * np.exp(log_scale.clip(-8, 8)))
    censoring = np.ceil(generator.uniform(50, 1500, size=120))
    return Cohort.from_table(frame, time=np.minimum(time, censoring), event=time <= censoring, time_unit="days")


class Objective:
    """Minus the mean log-likelihood of the Weibull model and the penalty, written out from the density."""

    def __init__(self, features: np.ndarray, time: np.ndarray, event: np.ndarray, penalty: float) -> None:
        self.features, self.time, self.event, self.penalty = features, time, event, penalty
        self.spread = features.std(axis=0, ddof=1)  # lifelines'

    def __call__(self, parameters: np.ndarray) -> float:
        slopes, intercept, log_shape = parameters[:-2], parameters[-2], parameters[-1]
        log_scale = intercept + self.features @ slopes
        scaled = np.log(self.time) - log_scale
        log_hazard = log_shape - log_scale + (np.exp(log_shape) - 1) * scaled
        likelihood = self.event * log_hazard - np.exp(np.exp(log_shape) * scaled)
        ridge = np.sum((slopes * self.spread) ** 2) + log_shape**2
        return float(0.5 * self.penalty * ridge - np.mean(likelihood))


@pytest.mark.parametrize("block", range(4))
def test_200_drawn_fits_reach_the_optimum_of_an_independent_solver(context, block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        cohort = heavy_tailed(seed)
        method = WeibullAFT(Config(penalty=0.05))
        method.fit(cohort, cohort, context)
        outcome, table = cohort.outcome, cohort.patients.table()
        features = TabularPreprocessor().fit(table).transform(table)
        unit = outcome.time.mean()
        objective = Objective(features, outcome.time / unit, outcome.event, 0.05)
        # log(-log S(t)) is shape (log t - log scale): shape, slopes and intercept are read off two times.
        at_1, at_2 = np.log(-np.log(method.predict(cohort.patients, np.array([0.001, 0.002]) * unit).survival)).T
        shape = float(np.mean(at_2 - at_1) / np.log(2))
        with_constant = np.column_stack([features, np.ones(len(features))])
        line, *_ = np.linalg.lstsq(with_constant, np.log(0.001) - at_1 / shape, rcond=None)
        reached = objective(np.append(line, np.log(shape)))
        best = minimize(objective, np.zeros(features.shape[1] + 2), method="BFGS")
        assert reached == pytest.approx(best.fun, abs=1e-6), seed


def test_curves_stay_right_where_one_covariate_tells_nearly_all(context) -> None:
    """Everybody is expected to survive until just before their own event; the shape is in the hundreds."""
    generator = np.random.default_rng(2)
    x = generator.normal(size=400)
    time = np.exp(5 - 2 * x) * generator.weibull(700, 400)
    cohort = Cohort.from_table(pd.DataFrame({"x": x}), time=time, event=np.ones(400), time_unit="days")
    method = WeibullAFT(Config(penalty=1e-6))
    method.fit(cohort, cohort, context)
    times = np.sort(time) + 0.001
    survival = method.predict(cohort.patients, times).survival
    assert np.mean((survival - (time[:, None] > times)) ** 2) < 0.005


def test_known_parameters_are_found(context) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    time = np.exp(5 - 0.7 * x) * rng.weibull(1.8, 4000)
    observed = np.minimum(time, 300)
    cohort = Cohort.from_table(pd.DataFrame({"x": x}), time=observed, event=time < 300, time_unit="days")
    method = WeibullAFT(Config(penalty=0.0))
    method.fit(cohort, cohort, context)
    survival = method.predict(cohort.patients, np.array([100.0, 200.0])).survival
    # -log S(t) is (t / scale)^shape.
    at_100, at_200 = np.log(-np.log(survival)).T
    shapes = (at_200 - at_100) / np.log(2)
    np.testing.assert_allclose(shapes, 1.8, rtol=0.05)
    slope, intercept = np.polyfit(x, np.log(100) - at_100 / shapes, 1)
    assert slope == pytest.approx(-0.7, rel=0.05)
    assert intercept == pytest.approx(5, rel=0.05)
    survival = survival[:, 0]
    np.testing.assert_allclose(survival, np.exp(-((100 / np.exp(5 - 0.7 * x)) ** 1.8)), atol=0.03)


def test_a_failed_fit_is_an_error(gbsg2, context, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: object, **__: object) -> None:
        raise ConvergenceError("Fitting did not converge")

    monkeypatch.setattr(WeibullAFTFitter, "fit", fit)
    with pytest.raises(DidNotConvergeError, match="Weibull regression did not converge; a larger penalty helps"):
        WeibullAFT(Config()).fit(gbsg2.train, gbsg2.validation, context)


def test_what_lifelines_warns_of_stands_in_the_log(gbsg2, context, monkeypatch, caplog) -> None:
    fit = WeibullAFTFitter.fit

    def warn(*arguments: object, **settings: object) -> object:
        warnings.warn("matrix inversion\n problems", stacklevel=1)
        return fit(*arguments, **settings)

    monkeypatch.setattr(WeibullAFTFitter, "fit", warn)
    with caplog.at_level(logging.WARNING):
        WeibullAFT(Config()).fit(gbsg2.train, gbsg2.validation, context)
    assert "lifelines: matrix inversion problems" in caplog.text
