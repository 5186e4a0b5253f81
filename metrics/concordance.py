"""Concordance of a scalar risk with the observed order of events: Harrell's C and Uno's C."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome, on_train_and_outcome
from metrics.censoring_influence import influence_of_censoring
from metrics.checks import FloatArray, finite_vector
from metrics.estimates import Influence
from metrics.outcome import PreparedOutcome
from metrics.pair_counting import count_later, dense_ranks, weigh_comparable, weigh_earlier
from metrics.results import Concordance
from metrics.sweep import SweepOrder


@on_outcome
def concordance_index(
    outcome: PreparedOutcome, risk: ArrayLike, *, tau: float | None = None, strata: ArrayLike | None = None
) -> Concordance:
    r"""Harrell's C: the share of comparable pairs in which the earlier event has the higher risk.

    .. math:: C = \frac{\sum_{(i,j)} 1[r_i > r_j] + \tfrac12 1[r_i = r_j]}{\#\{(i,j)\}}

    over the pairs in which i has an event and :math:`t_i < t_j`, or :math:`t_i = t_j` and j is censored; two
    events at the same time are not comparable (convention 2). Risks tie by exact equality (convention 3).
    Pairs whose earlier time is not below tau are left out, pairs across strata too (conventions 5 and 16).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    risk : array-like, shape (n,)
        Predicted risk, higher for an earlier event; only its order matters.
    tau : float, optional
        Horizon in the unit of `time`. Default: the outcome's, or none.
    strata : array-like, shape (n,), optional
        Pairs are formed only between patients of the same stratum.

    Returns
    -------
    Concordance

    Raises
    ------
    UndefinedError
        If there is no comparable pair.
    ValueError
        If a risk is not finite, lengths differ, or the outcome is not valid.

    Notes
    -----
    The standard error treats C as a ratio of two U-statistics (Kang et al. 2015, section 2): the influence of
    patient k is n times the sum of (concordance - C) over the pairs of k, divided by the number of pairs.

    References
    ----------
    Harrell, Lee and Mark (1996), Multivariable prognostic models, Statistics in Medicine 15, section 5.5.
    Kang, Chen, Petrick and Gallas (2015), Comparing two correlated C indices, Statistics in Medicine 34.

    Examples
    --------
    The first patient forms three comparable pairs, the third one, and the second, who is censored, opens none.
    All but the pair of the third and the fourth are in order.

    >>> from metrics import concordance_index
    >>> result = concordance_index([2, 4, 5, 7], [1, 0, 1, 1], [3, 1, 0.5, 2])
    >>> result.value, result.comparable_pairs, result.tied_share
    (0.75, 4, 0.0)
    >>> concordance_index([2, 4, 5, 7], [1, 0, 1, 1], [3, 1, 0.5, 2], tau=5).value
    1.0
    """
    pairs = _RankedPairs(outcome, risk, tau, strata)
    return pairs.concordance(np.ones(len(outcome)))


@on_train_and_outcome
def concordance_index_ipcw(
    outcome: PreparedOutcome, risk: ArrayLike, *, tau: float | None = None, strata: ArrayLike | None = None
) -> Concordance:
    r"""Uno's C: Harrell's C with each pair weighted by the inverse squared probability of being uncensored.

    .. math::

        C = \frac{\sum_{(i,j)} G(t_i-)^{-2} (1[r_i > r_j] + \tfrac12 1[r_i = r_j])}{\sum_{(i,j)} G(t_i-)^{-2}}

    over the pairs of :func:`concordance_index` with :math:`t_i < \tau`. The censoring distribution G is
    fitted on the train fold, events before censorings (convention 4). Unlike Harrell's C, the limit does not
    depend on the censoring of the patients scored.

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,)
        Outcome of the train fold.
    time, event : array-like, shape (n,)
        Outcome of the patients scored. One `PreparedOutcome` may stand in place of these four.
    risk : array-like, shape (n,)
        Predicted risk, higher for an earlier event.
    tau : float, optional
        Horizon in the unit of `time`. Default: the outcome's, or none.
    strata : array-like, shape (n,), optional
        Pairs are formed only between patients of the same stratum.

    Returns
    -------
    Concordance
        `comparable_pairs` counts pairs, `tied_share` is weighted as the index is.

    Raises
    ------
    UndefinedError
        If there is no comparable pair; or G is 0, or the train fold has no follow-up, at the time of an event that
        has a comparable pair.
    ValueError
        If an input is not valid.

    Notes
    -----
    The standard error includes the estimation of G: by the patient's own share in it where the train fold is
    the scored fold, as an independent variance otherwise.

    References
    ----------
    Uno, Cai, Pencina, D'Agostino and Wei (2011), On the C-statistics for evaluating overall adequacy of risk
    prediction procedures with censored survival data, Statistics in Medicine 30, eq. 6.

    Examples
    --------
    The three pairs of the first patient weigh 1 each; the pair of the third, which is in the wrong order, weighs
    1 / (2/3)**2 = 9/4, as G(5-) = 2/3. C is 3 / (3 + 9/4).

    >>> from metrics import concordance_index_ipcw
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> round(concordance_index_ipcw(time, event, time, event, [3, 1, 0.5, 2]).value, 4)
    0.5714
    """
    pairs = _RankedPairs(outcome, risk, tau, strata)
    return pairs.concordance(outcome.weights_before(pairs.opening) ** 2, through_censoring=True)


class _RankedPairs:
    """The comparable pairs, counted for each patient as the earlier one.

    Attributes
    ----------
    sweep : SweepOrder
        The patients by stratum and time; all counts are in this order.
    lower, tied, comparable : ndarray, shape (n,)
        Number of later patients with a lower risk, the same risk, any risk.
    opening : ndarray of bool, shape (n,)
        In the order of the patients: whether one is the earlier in any pair.
    """

    def __init__(self, outcome: PreparedOutcome, risk: ArrayLike, tau: float | None, strata: ArrayLike | None) -> None:
        predicted = finite_vector(risk, "risk", len(outcome))
        self.outcome = outcome
        self.sweep = SweepOrder(outcome, tau, strata)
        self.comparable = self.sweep.comparable()
        self.opening = np.zeros(len(outcome), dtype=np.bool_)
        self.opening[self.sweep.rows] = self.comparable > 0
        ordered = predicted[self.sweep.rows]
        self.rank = np.empty(len(outcome), np.int64)
        self.lower, self.tied = np.empty(len(outcome)), np.empty(len(outcome))
        for part in self.sweep.strata:
            self.rank[part] = dense_ranks(ordered[part])
            self.lower[part], self.tied[part] = count_later(
                self.sweep.time[part], self.sweep.event[part], self.rank[part], self.sweep.horizon
            )

    def concordance(self, weight: FloatArray, *, through_censoring: bool = False) -> Concordance:
        """Concordance whose pairs have the weight of their earlier patient, and its influence function."""
        sweep = self.sweep
        own = weight[sweep.rows]
        concordant = self.lower + 0.5 * self.tied
        total = float(own @ self.comparable)
        index = float(own @ concordant) / total
        net = own * (concordant - index * self.comparable)
        train, shared = None, False
        if through_censoring:
            # The weight of a pair is G(t-) to the power -2.
            train = influence_of_censoring(self.outcome, sweep.in_order_of_patients(net * (-2.0 / total)))
            shared = self.outcome.trained_on_itself
        for part in sweep.strata:
            outcome = sweep.time[part], sweep.event[part]
            higher, tied = weigh_earlier(*outcome, self.rank[part], own[part], sweep.horizon)
            net[part] += higher + 0.5 * tied - index * weigh_comparable(*outcome, own[part], sweep.horizon)
        return Concordance(
            value=index,
            influence=Influence(sweep.in_order_of_patients(net * (net.size / total)), train, shared),
            comparable_pairs=int(self.comparable.sum()),
            tied_share=float(own @ self.tied) / total,
        )
