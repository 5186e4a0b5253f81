"""Mean and interval of each measure over the folds: the rows of a result table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.protocol.measures import MEASURES
from benchmarks.protocol.splits import test_to_train
from benchmarks.types import Record

REJECTION_LEVEL = 0.05

# A student whose mean rank correlation with its teacher is lower does not say what it was taught.
FAITHFUL = 0.9

NOT_REPORTED = {"status": "missing", "reason": "the method reports it in other folds alone"}


@dataclass(frozen=True, slots=True)
class Average:
    """Mean over the folds with its 95 % interval (None with a single fold), or why there is none."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One method (or variant of it) on one dataset.

    ``averages`` is empty unless every cell is ok: a mean over missing cells is never formed. ``problem`` tells what
    happened to the others.
    """

    dataset: str
    method: str
    variant: str
    modalities: tuple[str, ...]
    cells: int
    ok: int
    averages: Mapping[str, Average]
    fit_seconds: float | None
    peak_memory: int
    problem: str = ""

    @property
    def label(self) -> str:
        """Method and variant."""
        return f"{self.method} ({self.variant})" if self.variant else self.method

    @property
    def unfaithful(self) -> str:
        """What is wrong with a student that ranks patients otherwise than its teacher; empty if nothing is."""
        average = self.averages.get("teacher_spearman")
        if average is None or average.mean is None or average.mean >= FAITHFUL:
            return ""
        return f"rank correlation with its teacher of {average.mean:.2f}, below {FAITHFUL}"


def corrected_interval(values: Sequence[float], folds: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean over J = repeats x folds test scores.

    Training sets of a cross-validation overlap, so the variance s^2 / J of independent scores is too small; Nadeau and
    Bengio (2003) replace 1 / J by 1 / J + n_test / n_train, with J - 1 degrees of freedom. The validation part does
    not count as training.

    Parameters
    ----------
    values : sequence of float
        J scores.
    folds : int
        k, of the k-fold split.

    Returns
    -------
    tuple of float or None
        Lower and upper end; None if there are fewer than two scores.
    """
    n = len(values)
    if n < 2:
        return None
    error = float(np.sqrt((1 / n + test_to_train(folds)) * np.var(values, ddof=1)))
    reach = float(stats.t.ppf(0.975, n - 1)) * error
    mean = float(np.mean(values))
    return mean - reach, mean + reach


def summarise(cells: Sequence[tuple[Record, Mapping[str, Any] | None]]) -> list[Row]:
    """Return a row per dataset, method and variant, in the order of the cells."""
    grouped: dict[tuple[str, str, tuple[str, ...]], list[tuple[Record, Mapping[str, Any] | None]]] = {}
    for record, scores in cells:
        cell = record.cell
        grouped.setdefault((cell.dataset, cell.method, cell.modalities), []).append((record, scores))
    rows = []
    for (dataset, method, modalities), members in grouped.items():
        records = [record for record, _ in members]
        ok = [record for record in records if record.status == "ok"]
        scored = [scores for _, scores in members if scores is not None]
        variants = list(dict.fromkeys(variant for scores in scored for variant in scores["variants"])) or [""]
        complete = len(ok) == len(records)
        fit = float(np.mean([record.seconds["fit"] for record in ok])) if ok else None
        for variant in variants:
            averages = _averages(scored, variant, records[0].cell.folds) if complete else {}
            peak = max(record.peak_memory for record in records)
            rows.append(
                Row(dataset, method, variant, modalities, len(records), len(ok), averages, fit, peak, _problem(records))
            )
    return rows


def _averages(scored: Sequence[Mapping[str, Any]], variant: str, folds: int) -> dict[str, Average]:
    # A variant may be missing in a fold, and so may a measure that a method reports by itself.
    tests = [scores["variants"].get(variant, {"test": {}})["test"] for scores in scored]
    reported = {name for test in tests for name in test}
    averages = {}
    for name in [*(measure.name for measure in MEASURES), *sorted(reported - {m.name for m in MEASURES})]:
        found = [test.get(name, NOT_REPORTED) for test in tests]
        missing = [score for score in found if score["status"] != "defined"]
        if missing:
            problem = f"{missing[0]['status']} in {len(missing)} of {len(found)} folds: {missing[0]['reason']}"
            averages[name] = Average(None, problem=problem)
        else:
            averages[name] = _average(name, [score["value"] for score in found], folds)
    return averages


def _average(measure: str, values: Sequence[float], folds: int) -> Average:
    if measure.endswith("calibration_p"):
        # The mean of p-values says nothing; how often the test rejects does.
        return Average(float(np.mean([value > REJECTION_LEVEL for value in values])))
    low, high = corrected_interval(values, folds) or (None, None)
    return Average(float(np.mean(values)), low, high)


def _problem(records: Sequence[Record]) -> str:
    """Say how the cells ended that are not ok, the most frequent cause first."""
    bad = [record for record in records if record.status != "ok"]
    if not bad:
        return ""
    causes = [f"{record.status.replace('_', ' ')}: {record.cause}" for record in bad]
    first = max(dict.fromkeys(causes), key=causes.count)
    others = len(set(causes)) - 1
    more = f" (and {others} other cause{'s' if others > 1 else ''})" if others else ""
    return f"{len(bad)} of {len(records)} cells {first}{more}"
