"""Both ways to call a metric give the same number, and importing the package loads nothing heavy."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import metrics

ROOT = Path(metrics.__file__).parents[1]

CALLS = {
    "concordance_index": (False, lambda call, s: call(s.risk)),
    "concordance_index_ipcw": (True, lambda call, s: call(s.risk)),
    "concordance_index_td": (False, lambda call, s: call(s.times, s.survival)),
    "brier_score": (True, lambda call, s: call(s.times, s.survival, at=0.5)),
    "integrated_brier_score": (True, lambda call, s: call(s.times, s.survival)),
    "cumulative_dynamic_auc": (True, lambda call, s: call(s.risk, at=[0.3, 0.6])),
    "integrated_calibration_index": (False, lambda call, s: call(s.times, s.survival, at=0.5)),
    "calibration_slope": (False, lambda call, s: call(s.times, s.survival, at=0.5)),
    "one_calibration": (False, lambda call, s: call(s.times, s.survival, at=0.5)),
    "km_calibration": (False, lambda call, s: call(s.times, s.survival, at=0.5)),
    "net_benefit": (False, lambda call, s: call(s.times, s.survival, thresholds=0.1, at=0.5)),
    "negative_log_likelihood": (False, lambda call, s: call(s.times, s.survival)),
    "mean_absolute_error": (True, lambda call, s: call(s.risk)),
    "bootstrap_concordance_index": (False, lambda call, s: call(s.risk, replicates=2)),
    "bootstrap_concordance_index_ipcw": (True, lambda call, s: call(s.risk, replicates=2)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_prepared_outcome_gives_the_same_number_as_the_arrays(untied, name):
    metric = getattr(metrics, name)
    with_train, call = CALLS[name]
    arrays = (untied.time, untied.event) * (2 if with_train else 1)
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)

    prepared = call(lambda *a, **k: metric(outcome, *a, **k), untied)

    assert float(prepared) == float(call(lambda *a, **k: metric(*arrays, *a, **k), untied))


def test_d_calibration_takes_a_prepared_outcome(untied):
    outcome = metrics.PreparedOutcome(None, None, untied.time, untied.event)
    at_observed = metrics.survival_at_observed(untied.time, untied.times, untied.survival)

    assert metrics.d_calibration(at_observed, outcome).value == metrics.d_calibration(at_observed, untied.event).value


def test_arrays_may_be_given_by_name(untied):
    by_name = metrics.concordance_index(time=untied.time, event=untied.event, risk=untied.risk)

    assert by_name.value == metrics.concordance_index(untied.time, untied.event, untied.risk).value


def test_the_outcome_brings_its_tau(untied):
    outcome = metrics.PreparedOutcome(None, None, untied.time, untied.event, tau=0.5)

    by_outcome = metrics.concordance_index(outcome, untied.risk)

    assert by_outcome.value == metrics.concordance_index(untied.time, untied.event, untied.risk, tau=0.5).value


def test_the_signature_shows_the_arrays():
    assert list(inspect.signature(metrics.concordance_index).parameters) == ["time", "event", "risk", "tau", "strata"]


def test_changing_the_arrays_afterwards_does_not_change_a_prepared_outcome(untied):
    time = untied.time.copy()
    outcome = metrics.PreparedOutcome(None, None, time, untied.event)

    time[:] = 1.0

    assert outcome.time[0] == untied.time[0]


def test_several_numbers_do_not_convert_to_one(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)

    with pytest.raises(TypeError, match="there are 2 numbers"):
        float(metrics.brier_score(outcome, untied.times, untied.survival, at=[0.3, 0.6]))


def run_python(code: str, **environment: str) -> str:
    variables = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    finished = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    return finished.stdout.strip()


def test_importing_metrics_loads_numpy_scipy_and_numba_only():
    heavy = ["pandas", "torch", "sklearn", "sksurv", "lifelines", "matplotlib", "benchmarks", "scipy.stats"]

    loaded = run_python(f"import sys, metrics; print([m for m in {heavy} if m in sys.modules])")

    assert loaded == "[]"
