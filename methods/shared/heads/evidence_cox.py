"""Cox regression with a ridge penalty for each block of features, the penalties by marginal likelihood."""

from collections.abc import Mapping

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from benchmarks.types import FloatArray, IntArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.ridge_cox import RidgeCox

LOWEST, HIGHEST = 1e-2, 1e6
"""Limits of every penalty."""
FIRST = 10.0
"""Penalty of every block at the start."""
MOST_STEPS = 60
CLOSE = 0.01
"""The steps end where no log penalty changes by as much."""
PLAIN_STEPS = 2
OVER_RELAXED = 1.5
"""Factor on the change of a log penalty after the plain steps."""


class EvidenceCox:
    """Cox model with Efron's ties whose blocks of coefficients have Gaussian priors N(m_b, 1 / lambda_b), m_b mostly 0.

    The penalties lambda_b maximise Laplace's approximation of the marginal likelihood, by the fixed point of MacKay
    (1992): with A the Hessian of the penalised likelihood at its maximum and p_b features in block b,

        gamma_b = p_b - lambda_b tr((A^-1)_bb),   lambda_b <- gamma_b / |beta_b - m_b|^2.

    gamma_b is how many coefficients of the block the data determine. A block that says nothing drifts to the highest
    penalty, and the steps may end before it is there. Every block is scaled to a total variance of 1 first, so that the
    penalties compare, and the scale of a block changes nothing.

    Parameters
    ----------
    known : mapping of int to float
        Penalties of blocks that are not to be learnt.
    """

    def __init__(self, known: Mapping[int, float] | None = None) -> None:
        self.known = dict(known or {})

    def fit(
        self, features: FloatArray, block: IntArray, outcome: Outcome, mean: float | FloatArray = 0.0
    ) -> "EvidenceCox":
        """Fit on n patients.

        Parameters
        ----------
        features : array, shape (n, p)
            Finite; no constant is added. Each block varies.
        block : array of int, shape (p,)
            The block of each feature: 0 .. B - 1.
        outcome : Outcome
            Of the same n patients, at least one event.
        mean : float or array, shape (p,)
            Prior mean of the coefficients of the features as they are given.

        Raises
        ------
        DidNotConvergeError
            If a fit with given penalties has no maximum.
        ValueError
            If a feature is not finite, a block does not vary, or there is no event.
        """
        self._block = block
        blocks = int(block.max()) + 1
        totals = np.bincount(block, features.var(axis=0), minlength=blocks)
        if not (totals > 0).all():
            raise ValueError(f"block {int(np.argmin(totals))} does not vary")
        self._scale = np.sqrt(totals)[block]
        scaled, scaled_mean = features / self._scale, mean * self._scale
        first = np.array([self.known.get(one, FIRST) for one in range(blocks)])
        self.penalties: FloatArray
        """lambda of each block, shape (B,)."""
        self.determined: FloatArray
        """gamma of each block, shape (B,)."""
        self.steps: int
        """Steps that the choice of the penalties took."""
        start = self._choose_penalties(scaled, outcome, scaled_mean, first)
        self._cox = RidgeCox(self.penalties[block], scaled_mean).fit(scaled, outcome, start)
        return self

    @property
    def coefficients(self) -> FloatArray:
        """Coefficients of the features as they were given, shape (p,)."""
        return self._cox.coefficients / self._scale

    def linear_predictor(self, features: FloatArray) -> FloatArray:
        """Return x'b of n patients, shape (n,)."""
        return self._cox.linear_predictor(features / self._scale)

    def contributions(self, features: FloatArray) -> FloatArray:
        """Return what each block adds to the linear predictor of n patients, shape (n, B)."""
        terms = features * self.coefficients
        blocks = len(self.penalties)
        return np.stack([terms[:, self._block == one].sum(axis=1) for one in range(blocks)], axis=1)

    def _choose_penalties(
        self, scaled: FloatArray, outcome: Outcome, mean: FloatArray, penalties: FloatArray
    ) -> FloatArray:
        """Set penalties, determined and steps, from the first penalties on; return coefficients near the maximum."""
        block = self._block
        likelihood = EfronLikelihood(scaled - scaled.mean(axis=0), outcome)
        log_penalties = np.log(penalties)
        free = np.array([one not in self.known for one in range(len(penalties))])
        sizes = np.bincount(block)
        coefficients: FloatArray = np.zeros(len(block))
        for step in range(MOST_STEPS):
            penalties = np.exp(log_penalties)
            coefficients = RidgeCox(penalties[block], mean).fit(scaled, outcome, coefficients).coefficients
            self.determined = determined(likelihood, coefficients, penalties, block)
            squares = np.bincount(block, (coefficients - mean) ** 2, minlength=len(sizes))
            wanted = np.log(np.maximum(self.determined, 1e-12)) - np.log(np.maximum(squares, 1e-300))
            change = np.clip(wanted, np.log(LOWEST), np.log(HIGHEST)) - log_penalties
            moved = log_penalties + change * (1.0 if step < PLAIN_STEPS else OVER_RELAXED)
            moved = np.where(free, np.clip(moved, np.log(LOWEST), np.log(HIGHEST)), log_penalties)
            settled = bool(np.max(np.abs(moved - log_penalties)) < CLOSE)
            log_penalties = moved
            if settled:
                break
        self.steps = step + 1
        self.penalties = np.exp(log_penalties)
        return coefficients


def log_evidence(features: FloatArray, block: IntArray, penalties: FloatArray, outcome: Outcome) -> float:
    """Return Laplace's log marginal likelihood of penalties, up to a constant.

    log p(D | b) - sum of lambda b^2 / 2 + sum over blocks of p_b log(lambda_b) / 2 - log det(A) / 2 at the maximum b.

    Parameters
    ----------
    features : array, shape (n, p)
        Used as they are, without scaling of blocks.
    block : array of int, shape (p,)
        The block of each feature.
    penalties : array, shape (B,)
        lambda of each block.
    outcome : Outcome
        Of the same n patients.
    """
    of_feature = penalties[block]
    coefficients = RidgeCox(of_feature).fit(features, outcome).coefficients
    likelihood = EfronLikelihood(features - features.mean(axis=0), outcome)
    hessian = likelihood.derivatives(coefficients)[1] + np.diag(of_feature)
    fitted = -likelihood.value(coefficients) - 0.5 * float(of_feature @ coefficients**2)
    return fitted + 0.5 * float(np.log(of_feature).sum()) - 0.5 * float(np.linalg.slogdet(hessian)[1])


def determined(
    likelihood: EfronLikelihood, coefficients: FloatArray, penalties: FloatArray, block: IntArray
) -> FloatArray:
    """Return gamma of each block, shape (B,), with the penalties and their coefficients."""
    hessian = likelihood.derivatives(coefficients)[1] + np.diag(penalties[block])
    variances = np.diag(cho_solve(cho_factor(hessian), np.eye(len(block))))
    sizes = np.bincount(block)
    traces = np.bincount(block, variances, minlength=len(sizes))
    return sizes - penalties * traces
