"""What a row gains over several datasets: more than any of them can tell."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from leaderboards.boards.gains import Gain


def mean_gain(gains: Sequence[Gain]) -> Gain:
    """Return the mean of a row's gains on some datasets, each counting the same, with its 95 % interval.

    It speaks of the models fitted here, on patients like those of these datasets, not of further datasets. The
    datasets are taken as independent: they share no patient.

    Parameters
    ----------
    gains : sequence of Gain
        One a dataset, at least one, over the same kind of row.

    Examples
    --------
    >>> one = Gain(over="cox_ph", value=0.04, lower=0.02, upper=0.06, p_value=0.0)
    >>> two = Gain(over="cox_ph", value=0.02, lower=0.00, upper=0.04, p_value=0.05)
    >>> made = mean_gain([one, two])
    >>> print(f"{made.value:.3f} [{made.lower:.3f}, {made.upper:.3f}]")
    0.030 [0.016, 0.044]
    """
    two_sided = float(norm.isf(0.025))
    # Intervals with few degrees of freedom are longer than 1.96 errors to either side: this takes none for too small.
    errors = np.array([(gain.upper - gain.lower) / (2 * two_sided) for gain in gains])
    value = float(np.mean([gain.value for gain in gains]))
    error = float(np.sqrt((errors**2).sum()) / len(gains))
    return Gain(
        over=gains[0].over,
        value=value,
        lower=value - two_sided * error,
        upper=value + two_sided * error,
        p_value=float(2 * norm.sf(abs(value) / error)) if error > 0 else float(value == 0),
    )
