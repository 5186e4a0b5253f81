"""Cox regression with a ridge penalty for each block of features, the penalties by marginal likelihood."""

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
    """Cox model with Efron's ties whose blocks of coefficients have Gaussian priors N(0, 1 / lambda_b).

    The penalties lambda_b maximise Laplace's approximation of the marginal likelihood, by the fixed point of MacKay
    (1992): with A the Hessian of the penalised likelihood at its maximum and p_b features in block b,

        gamma_b = p_b - lambda_b tr((A^-1)_bb),   lambda_b <- gamma_b / |beta_b|^2.

    gamma_b is how many coefficients of the block the data determine. A block that says nothing drifts to the highest
    penalty, and the steps may end before it is there. Every block is scaled to a total variance of 1 first, so that the
    penalties compare, and the scale of a block changes nothing.
    """

    def fit(self, features: FloatArray, block: IntArray, outcome: Outcome) -> "EvidenceCox":
        """Fit on n patients.

        Parameters
        ----------
        features : array, shape (n, p)
            Finite; no constant is added. Each block varies.
        block : array of int, shape (p,)
            The block of each feature: 0 .. B - 1.
        outcome : Outcome
            Of the same n patients, at least one event.

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
        scaled = features / self._scale
        likelihood = EfronLikelihood(scaled - scaled.mean(axis=0), outcome)
        log_penalties = np.full(blocks, np.log(FIRST))
        sizes = np.bincount(block, minlength=blocks)
        coefficients = np.zeros(len(block))
        for step in range(MOST_STEPS):
            coefficients = RidgeCox(np.exp(log_penalties)[block]).fit(scaled, outcome, coefficients).coefficients
            self.determined = _determined(likelihood, coefficients, np.exp(log_penalties), block, sizes)
            """gamma of each block, shape (B,)."""
            squares = np.bincount(block, coefficients**2, minlength=blocks)
            wanted = np.log(np.maximum(self.determined, 1e-12)) - np.log(np.maximum(squares, 1e-300))
            change = np.clip(wanted, np.log(LOWEST), np.log(HIGHEST)) - log_penalties
            moved = log_penalties + change * (1.0 if step < PLAIN_STEPS else OVER_RELAXED)
            moved = np.clip(moved, np.log(LOWEST), np.log(HIGHEST))
            settled = bool(np.max(np.abs(moved - log_penalties)) < CLOSE)
            log_penalties = moved
            if settled:
                break
        self.steps = step + 1
        """Steps of the fixed point; ``MOST_STEPS`` if it did not settle."""
        self.penalties: FloatArray = np.exp(log_penalties)
        """lambda of each block, shape (B,)."""
        self._cox = RidgeCox(self.penalties[block]).fit(scaled, outcome, coefficients)
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


def _determined(
    likelihood: EfronLikelihood, coefficients: FloatArray, penalties: FloatArray, block: IntArray, sizes: IntArray
) -> FloatArray:
    """Return gamma of each block."""
    hessian = likelihood.derivatives(coefficients)[1] + np.diag(penalties[block])
    variances = np.diag(cho_solve(cho_factor(hessian), np.eye(len(block))))
    traces = np.bincount(block, variances, minlength=len(sizes))
    return sizes - penalties * traces
