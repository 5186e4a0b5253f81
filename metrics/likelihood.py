"""Likelihood of the observed outcomes under predicted survival curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import survival_curves
from metrics.curves import columns_at, own_values
from metrics.errors import UndefinedError
from metrics.estimates import Influence
from metrics.outcome import PreparedOutcome
from metrics.results import MeanLoss


@on_outcome
def negative_log_likelihood(outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike) -> MeanLoss:
    r"""Mean negative log-likelihood of right-censored outcomes under step curves.

    .. math::

        -\frac1n \sum_i \delta_i \log\bigl(S_i(\tau_{k-1}) - S_i(\tau_k)\bigr) + (1 - \delta_i) \log S_i(T_i),
        \qquad \tau_{k-1} < T_i \le \tau_k

    with :math:`\tau_0 = 0` and S(0) = 1 before the grid (convention 7). A patient followed beyond the horizon
    - the end of the grid, or tau if it is earlier - contributes the probability of surviving it. The events'
    term is the probability of a cell of the grid, not a density: it does not depend on the unit of time, but
    only methods on the same grid can be compared.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.

    Returns
    -------
    MeanLoss

    Raises
    ------
    UndefinedError
        If a curve gives probability 0 to what happened, so that the likelihood is 0.
    ValueError
        If no grid time lies in (0, tau], or an input is not valid.

    References
    ----------
    Kvamme and Borgan (2021), Continuous and discrete-time survival prediction with neural networks, Lifetime
    Data Analysis 27, eq. 7.

    Examples
    --------
    The first patient has the event in the first cell, which has probability 0.6; the second is free of it at 4,
    0.6; the third has it in the second cell, 0.2; the fourth is followed beyond the grid, 0.6.

    >>> from math import log
    >>> from metrics import negative_log_likelihood
    >>> survival = [[0.4, 0.0], [0.6, 0.4], [0.6, 0.4], [0.8, 0.6]]
    >>> loss = negative_log_likelihood([2, 4, 5, 7], [1, 0, 1, 1], [3, 6], survival)
    >>> round(loss.value, 4), round(-(3 * log(0.6) + log(0.2)) / 4, 4)
    (0.7855, 0.7855)
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    within = grid if outcome.tau is None else grid[grid <= outcome.tau]
    if within.size == 0 or within[-1] == 0:
        raise ValueError("no time of the grid lies between 0 and tau")
    end = float(within[-1])
    event = outcome.event & (outcome.time <= end)
    closing = np.searchsorted(within, np.minimum(outcome.time, end), side="left")

    survived = own_values(curves, columns_at(within, outcome.time))
    cell = own_values(curves, closing - 1) - own_values(curves, closing)
    probability = np.where(event, cell, survived)
    impossible = int(np.count_nonzero(probability <= 0))
    if impossible:
        # How many, not whom: why a measure is undefined is passed on with boards.
        raise UndefinedError(f"{impossible} of {len(outcome)} curves give probability 0 to what happened")
    loss = -np.log(probability)
    value = float(loss.mean())
    return MeanLoss(value=value, influence=Influence(loss - value), events=int(np.count_nonzero(event)))
