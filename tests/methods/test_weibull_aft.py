"""Weibull regression against lifelines, on drawn times with known parameters, and when it fails."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import WeibullAFTFitter
from lifelines.exceptions import ConvergenceError

from benchmarks.types import Cohort
from methods.shared.features.tabular import TabularPreprocessor
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
    with pytest.raises(ConvergenceError):
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
