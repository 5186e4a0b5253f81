"""How often 95 % intervals cover the truth, and how often the paired test sees a difference that is none.

    python tests/metrics/simulation/interval_coverage.py [--datasets 4000] [--seed 20261121] [--write]

Each data set holds 300 patients with two independent covariates of equal effect, Weibull event times and exponential
censoring. Methods A and B each know one covariate: they err differently and are equally good, so a difference between
them is a false positive. The truth of a metric is its value for A in a million patients drawn in the same way, with
their own censoring distribution. The censoring distribution is fitted on the 300 patients themselves, or on another
600. With ``--write`` the table goes to interval_coverage.md beside this script.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

import metrics
from metrics.estimates import Estimate

PATIENTS = 300
TRAIN_PATIENTS = 600
TRUTH_PATIENTS = 1_000_000
EFFECT = 0.7
SHAPE = 1.3
TAU = 1.5
TIMES = np.linspace(0.05, TAU, 30)
METRICS = ("C", "Uno's C", "C-td", "IBS", "scaled IBS", "AUC", "Brier score", "calibration slope")
NORMAL_975 = 1.959963984540054


class Cohort(NamedTuple):
    """One draw of patients."""

    time: np.ndarray
    event: np.ndarray
    covariates: np.ndarray


def draw(random: np.random.Generator, patients: int) -> Cohort:
    """Draw patients whose log hazard is the sum of two covariates times 0.7."""
    covariates = random.normal(size=(patients, 2))
    event_time = random.weibull(SHAPE, size=patients) * np.exp(-EFFECT / SHAPE * covariates.sum(axis=1))
    censoring_time = random.exponential(2.0, size=patients)
    return Cohort(np.minimum(event_time, censoring_time), event_time <= censoring_time, covariates)


def score(train: Cohort, cohort: Cohort, covariate: int) -> dict[str, Estimate]:
    """Score the method that knows one covariate."""
    outcome = metrics.PreparedOutcome(train.time, train.event, cohort.time, cohort.event, TAU)
    risk = cohort.covariates[:, covariate]
    survival = np.exp(-np.outer(np.exp(EFFECT * risk), 0.9 * TIMES**SHAPE))
    integrated = metrics.integrated_brier_score(outcome, TIMES, survival)
    return {
        "C": metrics.concordance_index(outcome, risk),
        "Uno's C": metrics.concordance_index_ipcw(outcome, risk),
        "C-td": metrics.concordance_index_td(outcome, TIMES, survival),
        "IBS": integrated,
        "scaled IBS": integrated.scaled,
        "AUC": metrics.cumulative_dynamic_auc(outcome, risk, at=[0.5, 1.0, TAU]),
        "Brier score": metrics.brier_score(outcome, TIMES, survival, at=1.0),
        "calibration slope": metrics.calibration_slope(outcome, TIMES, survival),
    }


def covers(result: Estimate, truth: float) -> bool:
    """Whether the 95 % interval holds the truth."""
    lower, upper = result.interval
    return bool(np.all(lower <= truth) and np.all(truth <= upper))


def simulate(datasets: int, seed: int, truth: dict[str, float], *, separate_train: bool) -> str:
    """Return the rows of the table for one way to fit the censoring distribution."""
    random = np.random.default_rng([seed, int(separate_train)])
    covered = dict.fromkeys(METRICS, 0)
    rejected = dict.fromkeys(METRICS, 0)
    values = {name: np.empty(datasets) for name in METRICS}
    errors = {name: np.empty(datasets) for name in METRICS}
    for k in range(datasets):
        cohort = draw(random, PATIENTS)
        train = draw(random, TRAIN_PATIENTS) if separate_train else cohort
        first, second = score(train, cohort, 0), score(train, cohort, 1)
        for name in METRICS:
            covered[name] += covers(first[name], truth[name])
            values[name][k], errors[name][k] = float(first[name]), float(np.squeeze(first[name].standard_error))
            if name != "Brier score":
                rejected[name] += metrics.compare(first[name], second[name]).p_value < 0.05
            else:
                difference = first[name].influence - second[name].influence
                distance = abs(float(first[name]) - float(second[name]))
                rejected[name] += distance > NORMAL_975 * float(difference.standard_error()[0])
    where = f"another {TRAIN_PATIENTS}" if separate_train else "the same"
    rows = []
    for name in METRICS:
        spread, claimed = values[name].std(ddof=1), errors[name].mean()
        shares = f"{100 * covered[name] / datasets:.1f} % | {100 * rejected[name] / datasets:.1f} %"
        numbers = f"{truth[name]:.4f} | {values[name].mean():.4f} | {spread:.4f} | {claimed:.4f}"
        rows.append(f"| {name} | {where} | {numbers} | {shares} |\n")
    return "".join(rows)


def main() -> None:
    """Run the simulation and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--write", action="store_true", help="write the table to interval_coverage.md")
    arguments = parser.parse_args()

    start = perf_counter()
    population = draw(np.random.default_rng([arguments.seed, 2]), TRUTH_PATIENTS)
    truth = {name: float(result) for name, result in score(population, population, 0).items()}
    rows = "".join(
        simulate(arguments.datasets, arguments.seed, truth, separate_train=separate) for separate in (False, True)
    )
    table = (
        f"# Coverage of 95 % intervals and false positives of the paired test\n\n"
        f"{arguments.datasets} data sets of {PATIENTS} patients, {100 * (1 - population.event.mean()):.0f} % censored, "
        f"seed {arguments.seed}; written by interval_coverage.py beside this page. A share of 95 % (5 %) in "
        f"{arguments.datasets} data sets has a standard error of "
        f"{100 * np.sqrt(0.05 * 0.95 / arguments.datasets):.2f} percentage points.\n\n"
        "| metric | G fitted on | truth | mean | standard deviation | mean standard error | covered "
        "| false positives |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        f"{rows}"
    )
    print(table)
    print(f"{perf_counter() - start:.0f} s")
    if arguments.write:
        (Path(__file__).parent / "interval_coverage.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
