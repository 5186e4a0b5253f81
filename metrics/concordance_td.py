"""Concordance of survival curves with the observed order of events: Antolini's C."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import FloatArray, IntArray, survival_curves
from metrics.curve_pairs import count_across_cells
from metrics.curves import columns_at
from metrics.estimates import Influence
from metrics.outcome import PreparedOutcome
from metrics.pair_counting import count_within_cells, weigh_comparable
from metrics.product_limit import starts_of_ties
from metrics.results import Concordance
from metrics.sweep import SweepOrder


@on_outcome
def concordance_index_td(
    outcome: PreparedOutcome,
    times: ArrayLike,
    survival: ArrayLike,
    *,
    tau: float | None = None,
    strata: ArrayLike | None = None,
    ties: Literal["half", "zero", "pycox_adjusted"] = "half",
) -> Concordance:
    r"""Antolini's C: the share of comparable pairs in which the earlier event had the lower survival then.

    .. math::

        C^{td} = \frac{\sum_{(i,j)} 1[S_i(t_i) < S_j(t_i)] + \tfrac12 1[S_i(t_i) = S_j(t_i)]}{\#\{(i,j)\}}

    over the comparable pairs of :func:`~metrics.concordance.concordance_index` (conventions 2, 5, 8 and 16).
    Curves are right-continuous steps with S(0) = 1, their last value held (convention 7).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    tau : float, optional
        Horizon in the unit of `time`. Default: the outcome's, or none.
    strata : array-like, shape (n,), optional
        Pairs are formed only between patients of the same stratum.
    ties : {"half", "zero", "pycox_adjusted"}
        Equal survival counts 1/2. The other two exist to reproduce published numbers only: "zero" counts it
        0, as the paper does; "pycox_adjusted" counts pairs of equal times twice, and two events at the same
        time as comparable, concordant by 1 where their survival is equal and by 1/2 where it is not.

    Returns
    -------
    Concordance
        Without a standard error for "pycox_adjusted".

    Raises
    ------
    UndefinedError
        If there is no comparable pair.
    ValueError
        If a curve is not valid, lengths differ, or `ties` is none of the above.

    References
    ----------
    Antolini, Boracchi and Biganzoli (2005), A time-dependent discrimination index for survival data,
    Statistics in Medicine 24, eq. 6 and 8.

    Examples
    --------
    At 2 the first patient has the lowest survival of all; at 5 the third has 0.3 and the fourth, who lives
    longer, only 0.2: three of four pairs are in order.

    >>> from metrics import concordance_index_td
    >>> survival = [[0.4, 0.1], [0.6, 0.4], [0.5, 0.3], [0.8, 0.2]]
    >>> concordance_index_td([2, 4, 5, 7], [1, 0, 1, 1], [2, 5], survival).value
    0.75
    """
    if ties not in ("half", "zero", "pycox_adjusted"):
        raise ValueError(f"ties is {ties!r}, expected 'half', 'zero' or 'pycox_adjusted'")
    grid, curves = survival_curves(times, survival, len(outcome))
    sweep = SweepOrder(outcome, tau, strata)
    comparable = sweep.comparable()
    column = columns_at(grid, sweep.time)
    greater, tied, lost, lost_tied = (np.zeros(len(outcome)) for _ in range(4))
    own = np.where(column < 0, 1.0, curves[sweep.rows, np.maximum(column, 0)])
    for part in sweep.strata:
        cells = np.append(np.flatnonzero(starts_of_ties(column[part])), part.stop - part.start)
        outcome_of_part = sweep.time[part], sweep.event[part]
        counts = greater[part], tied[part], lost[part], lost_tied[part]
        count_within_cells(cells, *outcome_of_part, own[part], sweep.horizon, *counts)
        count_across_cells(sweep.rows[part], *outcome_of_part, column[part], curves, sweep.horizon, *counts)

    total = comparable.sum()
    tied_share = float(tied.sum() / total)
    if ties == "pycox_adjusted":
        concordant, pairs = _equal_times_as_in_pycox(sweep, column, curves)
        value = (greater.sum() + 0.5 * tied.sum() + concordant) / (total + pairs)
        return Concordance(value=float(value), comparable_pairs=int(total + pairs), tied_share=tied_share)

    tie = 0.5 if ties == "half" else 0.0
    index = float((greater.sum() + tie * tied.sum()) / total)
    net = greater + lost + tie * (tied + lost_tied) - index * comparable
    one = np.ones(len(outcome))
    for part in sweep.strata:
        net[part] -= index * weigh_comparable(sweep.time[part], sweep.event[part], one[part], sweep.horizon)
    return Concordance(
        value=index,
        influence=Influence(sweep.in_order_of_patients(net * (net.size / total))),
        comparable_pairs=int(total),
        tied_share=tied_share,
    )


def _equal_times_as_in_pycox(sweep: SweepOrder, column: IntArray, curves: FloatArray) -> tuple[float, float]:
    """Return what pairs of equal times add in pycox's adjusted index to the concordant, and to all, pairs."""
    concordant, total = 0.0, 0.0
    for part in sweep.strata:
        rows, time, event = sweep.rows[part], sweep.time[part], sweep.event[part]
        for i in np.flatnonzero(event & (time < sweep.horizon)):
            same = np.arange(np.searchsorted(time, time[i], "left"), np.searchsorted(time, time[i], "right"))
            others = same[same != i]
            at = column[part][i]
            values, own = np.ones(others.size), 1.0
            if at >= 0:
                values, own = curves[rows[others], at], float(curves[rows[i], at])
            credit = (values > own) + 0.5 * (values == own)
            concordant += np.where(event[others], 1.0 - 0.5 * (values != own), credit).sum()
            total += others.size
    return concordant, total
