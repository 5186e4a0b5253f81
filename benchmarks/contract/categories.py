r"""The check of categories and codes: none of them tells the event, or the time, by whichever of its levels.

One level at a time says little where there are many, such as the causes of an event. All levels together are held
against the outcome by Pearson's chi-squared test and by Cramér's V with Bergsma's correction (2013, A bias-correction
for Cramér's V and Tschuprow's T, J Korean Stat Soc 42:323-328),

.. math:: \tilde V = \sqrt{\frac{\max(0, \chi^2 / n - (k - 1)(r - 1) / (n - 1))}{\min(\tilde k, \tilde r) - 1}}, \quad
          \tilde k = k - \frac{(k - 1)^2}{n - 1}, \quad \tilde r = r - \frac{(r - 1)^2}{n - 1},

which is about 0 where a column has nothing to do with the outcome, even if every patient has a level of his own.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.contract.evidence import ALLOWED_ERROR
from benchmarks.contract.finding import Verdict
from benchmarks.contract.measurements import count_columns
from benchmarks.types import Cohort, FloatArray, IntArray, Table

# Of a column that is all but the outcome, and of one that a person should look at.
LEAKING_ASSOCIATION = 0.95
SUSPICIOUS_ASSOCIATION = 0.7
# Numbers with more values than these are measurements, not codes.
MOST_CODES = 20
# The observed times are taken as early, rather early, rather late and late.
QUARTERS = (0.25, 0.5, 0.75)


def no_category_tells_the_outcome(cohort: Cohort) -> Verdict:
    """Refuse categories whose levels together are all but the outcome, warn of those that tell much of it."""
    outcome, columns = cohort.outcome, count_columns(cohort)
    told = {
        "the event": outcome.event.astype(np.int64),
        "the time, in quarters,": np.searchsorted(np.quantile(outcome.time, QUARTERS), outcome.time),
    }
    problems, warnings = [], []
    for label, codes in _codes(cohort):
        known = codes >= 0
        for what, classes in told.items():
            found = association(codes[known], classes[known])
            if found is None or found[1] * columns * len(told) >= ALLOWED_ERROR:
                continue
            strength, _ = found
            message = f"{label}: its levels tell {what} with an association of {strength:.2f} (Cramér's V)"
            if strength > LEAKING_ASSOCIATION:
                problems.append(f"{message}; is it known only afterwards?")
            elif strength >= SUSPICIOUS_ASSOCIATION:
                warnings.append(f"{message}, which is rare for what is known before; is it known only afterwards?")
    return Verdict(problems, warnings)


def _codes(cohort: Cohort) -> Iterator[tuple[str, IntArray]]:
    """Yield the categories of tables, and numbers with few values, as codes; -1 = missing."""
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Table):
            continue
        frame = modality.blanked().frame
        for column in frame:
            codes, levels = pd.factorize(frame[column])
            if column in modality.categorical or len(levels) <= MOST_CODES:
                yield f"{name}: {str(column)!r}", codes.astype(np.int64)


def association(codes: IntArray, classes: IntArray) -> tuple[float, float] | None:
    """Return Cramér's V, corrected for bias, and the p-value of the chi-squared test.

    Parameters
    ----------
    codes, classes : arrays of int, shape (n,)
        Levels of a column, and what they may tell.

    Returns
    -------
    tuple of float or None
        None where one of both has a single value.
    """
    counts: FloatArray = pd.crosstab(codes, classes).to_numpy(dtype=np.float64)
    n, (k, r) = codes.size, counts.shape
    if k < 2 or r < 2:
        return None
    test = stats.chi2_contingency(counts, correction=False)
    excess = max(0.0, float(test.statistic) / n - (k - 1) * (r - 1) / (n - 1))
    room = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(excess / room)) if room > 0 else 0.0, float(test.pvalue)
