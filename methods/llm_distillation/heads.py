"""The survival heads that a student may have, and what of them is kept with a saved student."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from pycox.models.loss import nll_logistic_hazard, nll_mtlr

from benchmarks.types import FloatArray, Outcome
from methods.mtlr.method import CUMULATED_DENSITY
from methods.shared.curves import proportional_hazards_survival, steps_at
from methods.shared.heads.cox_head import CoxHead
from methods.shared.heads.deephit_loss import deephit_loss
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import DENSITY, HAZARDS
from methods.shared.heads.discrete_time import TimeCuts

HeadName: TypeAlias = Literal["logistic_hazard", "cox", "mtlr", "deephit"]

# Of DeepHit's loss: weight of the likelihood beside the ranking, and the scale of the latter.
LIKELIHOOD_WEIGHT = 0.5
RANKING_SCALE = 0.3


def make_head(name: HeadName, intervals: int) -> CoxHead | DiscreteHead:
    """Return a head: a log hazard ratio, or a distribution over intervals that have equally many training events."""
    if name == "cox":
        return CoxHead()
    if name == "logistic_hazard":
        return DiscreteHead(nll_logistic_hazard, HAZARDS, intervals=intervals, spacing="event_quantiles")
    if name == "mtlr":
        return DiscreteHead(nll_mtlr, CUMULATED_DENSITY, intervals=intervals, spacing="event_quantiles")
    loss = deephit_loss(LIKELIHOOD_WEIGHT, RANKING_SCALE)
    return DiscreteHead(loss, DENSITY, intervals=intervals, spacing="event_quantiles")


class HiddenCurves:
    """Curves from the outputs of a trained network, by a few arrays that can be saved.

    Parameters
    ----------
    head : CoxHead or DiscreteHead
        What the outputs mean.
    arrays : mapping of str to array
        Of a discrete head the cuts; of a Cox head the times of the training events, the cumulative hazard there at
        the mean linear predictor of the training patients, and that mean.
    """

    def __init__(self, head: CoxHead | DiscreteHead, arrays: dict[str, FloatArray]) -> None:
        self.head = head
        self.arrays = arrays
        if isinstance(head, DiscreteHead):
            head.cuts = TimeCuts(arrays["cuts"], head.censoring)

    @classmethod
    def fit(cls, head: CoxHead | DiscreteHead, outputs: Callable[[], FloatArray], outcome: Outcome) -> "HiddenCurves":
        """Learn what the curves need from the training patients, whose outputs, shape (n, K), a Cox head asks for."""
        if isinstance(head, DiscreteHead):
            return cls(head, {"cuts": head.cuts.cuts})
        of_train = outputs()
        head.fit_curves(of_train, outcome)
        knots = np.unique(outcome.time[outcome.event])
        centre = float(of_train[:, 0].mean())
        survival = head.predict(np.array([[centre]]), knots).survival
        assert survival is not None, "a Cox head has curves"
        hazard = -np.log(np.maximum(survival[0], np.finfo(float).tiny))
        return cls(head, {"knots": knots, "hazard": hazard, "centre": np.array([centre])})

    def survival(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves of n patients at T times, shape (n, T)."""
        if isinstance(self.head, DiscreteHead):
            return self.head.curves(self.head.survival_at_cuts(outputs), times)
        hazard = steps_at(self.arrays["knots"], self.arrays["hazard"], times, before=0.0)
        return proportional_hazards_survival(outputs[:, 0] - self.arrays["centre"][0], hazard)
