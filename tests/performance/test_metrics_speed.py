"""Speed of the metrics against the other packages, one thread, validation of input included.

Run with ``pytest tests/performance/test_metrics_speed.py --benchmark-only``. Ours and theirs take turns, round by
round, and the medians are compared; the table of ratios, with the peak of additional memory, is printed at the end.
"""

from __future__ import annotations

import ctypes
import gc
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import lifelines.utils
import numba
import numpy as np
import pytest
import sksurv.metrics
from pycox.evaluation.concordance import concordance_td
from sksurv.util import Surv
from SurvivalEVAL.evaluations.calibration.distributional.distribution_calibration import (
    d_calibration as survivaleval_d_calibration,
)
from SurvivalEVAL.evaluations.discrimination.static.concordance import concordance as survivaleval_concordance
from SurvivalEVAL.evaluators import SurvivalEvaluator
from threadpoolctl import threadpool_limits

import metrics

SIZES = (2_000, 10_000, 50_000)
ROUNDS = {2_000: 21, 10_000: 9, 50_000: 3}
GRID_TIMES = 100

#: Share of the time of the best peer that ours may take, by the number of patients.
LIMITS = {
    "Harrell's C": {2_000: 1 / 8, 10_000: 1 / 10, 50_000: 1 / 10},
    "Uno's C": {2_000: 1 / 8, 10_000: 1 / 10, 50_000: 1 / 10},
    "C-td": {2_000: 1 / 3, 10_000: 1 / 10, 50_000: 1 / 25},
    "IBS": {2_000: 1 / 3, 10_000: 1 / 4, 50_000: 1 / 4},
    "D-calibration": {2_000: 1.0, 10_000: 1.0, 50_000: 1.0},
}
#: Largest exponent of growth from 10,000 to 50,000 patients.
EXPONENTS = {"Harrell's C": 1.2, "Uno's C": 1.2, "C-td": 1.3, "IBS": 1.1, "D-calibration": 1.1}
SURVIVAL_BYTES = 50_000 * GRID_TIMES * 8
#: Additional memory at 50,000 patients.
MEMORY = {"Harrell's C": 20e6, "Uno's C": 20e6, "C-td": SURVIVAL_BYTES, "IBS": SURVIVAL_BYTES / 2}
#: Seconds for 1000 bootstrap replicates of Harrell's C.
BOOTSTRAP_SECONDS = {2_000: 0.2, 10_000: 1.5}
BOOTSTRAP_MEMORY = 300e6


@dataclass(frozen=True)
class Cohort:
    """One cohort with a risk and curves, and the forms of it that other packages want."""

    time: np.ndarray
    event: np.ndarray
    risk: np.ndarray
    times: np.ndarray
    survival: np.ndarray

    @classmethod
    def draw(cls, n, *, tied):
        """Draw exponential times; tied ones are rounded up to fiftieths, risks to tenths."""
        random = np.random.default_rng(1)
        covariate = random.normal(size=n)
        event_time, censoring_time = random.exponential(np.exp(-covariate)), 1.5 * random.exponential(size=n)
        time, event = np.minimum(event_time, censoring_time), event_time <= censoring_time
        risk = covariate + random.normal(size=n)
        if tied:
            time, risk = np.ceil(time * 50) / 50, np.round(risk, 1)
        times = np.linspace(1.0001 * time.min(), np.quantile(time, 0.9), GRID_TIMES)
        return cls(time, event, risk, times, np.exp(-np.outer(np.exp(0.5 * risk), times)))

    def rivals(self, metric):
        """Return our call and theirs by name, everything that is not the metric prepared beforehand."""
        time, event, risk, times, survival = self.time, self.event, self.risk, self.times, self.survival
        indicator, structured = event.astype(int), Surv.from_arrays(event, time)
        quadratic = time.size <= 10_000
        tau = float(np.quantile(time, 0.9))
        if metric == "Harrell's C":
            theirs = {
                "lifelines": partial(lifelines.utils.concordance_index, time, -risk, event),
                "SurvivalEVAL": partial(survivaleval_concordance, -risk, time, indicator),
            }
            if quadratic:
                theirs["scikit-survival"] = partial(sksurv.metrics.concordance_index_censored, event, time, risk)
            return partial(metrics.concordance_index, time, event, risk), theirs
        if metric == "Uno's C":
            uno = partial(survivaleval_concordance, -risk, time, indicator, time, indicator, method="Uno", tau=tau)
            theirs = {"SurvivalEVAL": uno}
            if quadratic:
                theirs["scikit-survival"] = partial(
                    sksurv.metrics.concordance_index_ipcw, structured, structured, risk, tau
                )
            return partial(metrics.concordance_index_ipcw, time, event, time, event, risk, tau=tau), theirs
        if metric == "C-td":
            columns, rows = np.maximum(np.searchsorted(times, time, "right") - 1, 0), survival.T.copy()
            theirs = {"pycox": partial(concordance_td, time, indicator, rows, columns, "antolini")}
            return partial(metrics.concordance_index_td, time, event, times, survival), theirs
        if metric == "IBS":

            def survivaleval():
                evaluator = SurvivalEvaluator(survival, times, time, indicator, time, indicator)
                return evaluator.integrated_brier_score(target_times=times)

            sksurv_ibs = partial(sksurv.metrics.integrated_brier_score, structured, structured, survival, times)
            ours = partial(metrics.integrated_brier_score, time, event, time, event, times, survival)
            return ours, {"scikit-survival": sksurv_ibs, "SurvivalEVAL": survivaleval}
        at_observed = metrics.survival_at_observed(time, times, survival)
        theirs = {"SurvivalEVAL": partial(survivaleval_d_calibration, at_observed, event)}
        return partial(metrics.d_calibration, at_observed, event), theirs


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threadpool_limits(1):
        numba.set_num_threads(1)
        yield


@pytest.fixture(scope="module")
def report(request):
    lines = []
    yield lines
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        terminal.ensure_newline()
        terminal.write_line("metric | n | ties | ours ms | best peer ms | peer | ratio | limit | extra MB")
        for line in lines:
            terminal.write_line(line)


def take_turns(calls, rounds):
    """Return the median seconds of each call, the calls taking turns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in calls.values():
            call()
        seconds = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                start = perf_counter()
                call()
                seconds[name].append(perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}


def peak_memory(call):
    """Return the bytes by which a call raises the resident memory at its highest; Linux only."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not reset.exists():
        pytest.skip("peak memory is read from /proc")

    def kilobytes(field):
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(field))

    gc.collect()
    # What the process had freed and kept would otherwise be used again without being seen.
    ctypes.CDLL(None).malloc_trim(0)
    reset.write_text("5")
    before = kilobytes("VmRSS")
    call()
    return 1024 * (kilobytes("VmHWM") - before)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("metric", LIMITS)
def test_share_of_the_time_of_the_best_peer(benchmark, report, metric, n, tied):
    ours, theirs = Cohort.draw(n, tied=tied).rivals(metric)

    medians = take_turns({"ours": ours} | theirs, ROUNDS[n])
    benchmark.pedantic(ours, rounds=3, warmup_rounds=1)

    mine = medians.pop("ours")
    best = min(medians, key=medians.get)
    ratio, memory = mine / medians[best], peak_memory(ours)
    benchmark.extra_info.update({"ratio": ratio, "peer": best, "extra_bytes": memory})
    report.append(
        f"{metric} | {n} | {'yes' if tied else 'no'} | {1e3 * mine:.2f} | {1e3 * medians[best]:.2f} | {best} "
        f"| 1/{1 / ratio:.1f} | 1/{1 / LIMITS[metric][n]:.0f} | {memory / 1e6:.1f}"
    )
    assert ratio <= LIMITS[metric][n]
    assert n < SIZES[-1] or memory <= MEMORY.get(metric, np.inf)


@pytest.mark.parametrize("metric", LIMITS)
def test_growth_with_the_number_of_patients(benchmark, report, metric):
    small, large = (Cohort.draw(n, tied=False).rivals(metric)[0] for n in SIZES[1:])

    medians = take_turns({"small": small, "large": large}, 9)
    benchmark.pedantic(large, rounds=1)

    exponent = np.log(medians["large"] / medians["small"]) / np.log(SIZES[2] / SIZES[1])
    report.append(f"{metric}: exponent of growth {exponent:.2f}, limit {EXPONENTS[metric]}")
    assert exponent <= EXPONENTS[metric]


@pytest.mark.parametrize("n", BOOTSTRAP_SECONDS)
def test_a_thousand_bootstrap_replicates(benchmark, report, n):
    cohort = Cohort.draw(n, tied=False)
    call = partial(metrics.bootstrap_concordance_index, cohort.time, cohort.event, cohort.risk, replicates=1000)

    benchmark.pedantic(call, rounds=5, warmup_rounds=1)

    # An absolute limit: the fastest round is the one that nothing else on the machine has slowed down.
    seconds = benchmark.stats.stats.min
    memory = peak_memory(call)
    report.append(f"1000 bootstrap replicates of C, n = {n}: {seconds:.2f} s, {memory / 1e6:.1f} MB")
    assert seconds <= BOOTSTRAP_SECONDS[n]
    assert memory <= BOOTSTRAP_MEMORY
