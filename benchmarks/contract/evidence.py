r"""How sure one can be that a column tells the outcome, however few patients it is known of.

Two patients are in one order or the other: a column known of two has a concordance of 1 every second time. The standard
error of a concordance of 1 is 0 all the same, so the limits here are exact ones. A concordance is a mean over pairs
that share patients, and its tail is bounded by that of the mean of as many independent pairs as there are *disjoint*
ones (Hoeffding 1963, Probability inequalities for sums of bounded random variables, section 5): of m disjoint pairs,

.. math:: P(\hat C \ge c) \le \exp(-m\, \mathrm{KL}(c \,\|\, C)), \quad c > C,

with the divergence KL of two coins. The lower limit is the C at which the right side is the allowed error. With a
concordance of 1 it is :math:`\alpha^{1/m}`.
"""

import math

import numpy as np

from benchmarks.types import BoolArray, FloatArray

# Probability that any column of a cohort is accused wrongly; shared by all columns and both directions (Bonferroni).
ALLOWED_ERROR = 0.05


def disjoint_pairs(time: FloatArray, event: BoolArray) -> int:
    """Return how many comparable pairs can be formed with every patient in one of them at most.

    From the last time to the first, an event takes a patient who is seen later and is in no pair yet.
    """
    pairs, free = 0, 0
    # At one time events come before censorings (convention 1): an event outlives none of its own time.
    order = np.lexsort((event, -time))
    waiting, moment = 0, math.inf
    for place in order:
        if time[place] < moment:
            free, waiting, moment = free + waiting, 0, float(time[place])
        if not event[place]:
            free += 1
        elif free:
            free, pairs = free - 1, pairs + 1
        else:
            waiting += 1
    return pairs


def lower_limit(concordance: float, pairs: int, columns: int) -> float:
    """Return the lower confidence limit of a concordance that was the highest of many.

    Parameters
    ----------
    concordance : float
        Found, from 0.5 to 1.
    pairs : int
        Disjoint comparable pairs.
    columns : int
        How many columns were looked at.

    Returns
    -------
    float
        0 where there is no pair.
    """
    if pairs == 0:
        return 0.0
    allowed = math.log(2 * columns / ALLOWED_ERROR) / pairs
    low, high = 0.0, concordance
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _divergence(concordance, middle) > allowed else (low, middle)
    return low


def _divergence(found: float, true: float) -> float:
    """Return the Kullback-Leibler divergence of a coin from another one."""
    if true <= 0.0:
        return math.inf
    heads = found * math.log(found / true)
    return heads if found >= 1.0 else heads + (1 - found) * math.log((1 - found) / (1 - true))
