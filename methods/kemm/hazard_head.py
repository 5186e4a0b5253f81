"""Discrete hazards: their likelihood with a weight on events, and the risk that goes with them."""

from functools import partial

from torch import Tensor
from torch.nn.functional import logsigmoid

from benchmarks.types import Context, FloatArray, Outcome, Prediction
from methods.kemm.config import Config
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import HAZARDS


def weighted_hazard_loss(outputs: Tensor, index: Tensor, event: Tensor, alpha: float = 0.0) -> Tensor:
    """Return the mean negative log-likelihood of hazards h_k = sigmoid(output_k) (Zadeh & Schmid 2021, equation 9).

    Event in interval y: -log S_{y-1} - log h_y; censored there: -log S_y; S_k = prod over j <= k of (1 - h_j). The loss
    is (1 - alpha) times the sum of both parts plus alpha times that of the events: censored patients count 1 - alpha.

    Parameters
    ----------
    outputs : Tensor, shape (n, K)
        Logits of the hazards.
    index : Tensor of int64, shape (n,)
        y.
    event : Tensor, shape (n,)
        1 with the event, 0 if censored.
    alpha : float
        From 0 to below 1.
    """
    log_stays = logsigmoid(-outputs).cumsum(dim=1).gather(1, index[:, None])[:, 0]
    own = outputs.gather(1, index[:, None])[:, 0]
    # log S_{y-1} = log S_y - log(1 - h_y).
    of_event = -(log_stays - logsigmoid(-own) + logsigmoid(own))
    return (event * of_event + (1 - alpha) * (1 - event) * -log_stays).mean()


class HazardHead(DiscreteHead):
    """Hazards of K intervals, constant within each; the risk is minus the sum of S at the cuts.

    Parameters
    ----------
    config : Config
        Intervals, spacing, censoring, alpha.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(
            partial(weighted_hazard_loss, alpha=config.alpha),
            HAZARDS,
            intervals=config.intervals,
            spacing=config.spacing,
            censoring=config.censoring,
            interpolation="constant_hazard",
        )
        self.edges_of: Outcome | None = None
        """Whose outcome places the cuts, if it is not that of the training patients."""

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Place the cuts; return their number."""
        return super().prepare(outcome if self.edges_of is None else self.edges_of, context)

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:  # noqa: ARG002  # 2026-11-26: of every head
        """Return the risk of n patients, shape (n,), whatever the times."""
        return risk_of(self.survival_at_cuts(outputs))

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return risk and curves."""
        return self.predict_from(self.survival_at_cuts(outputs), times)

    def predict_from(self, at_cuts: FloatArray, times: FloatArray) -> Prediction:
        """Return risk and curves from survival at the cuts, shape (n, K + 1)."""
        return Prediction(risk_of(at_cuts), times, self.curves(at_cuts, times))


def risk_of(at_cuts: FloatArray) -> FloatArray:
    """Return -(S_1 + ... + S_K), shape (n,), from survival at the cuts, 1 in the first column."""
    risk: FloatArray = -at_cuts[:, 1:].sum(axis=1)
    return risk
