"""A Cox model whose coefficients are not negative."""

import numpy as np
from scipy.optimize import minimize

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.proportional_hazards import BreslowCurves
from methods.shared.heads.ridge_cox import DidNotConvergeError

# Of the projected gradient at the end, per event.
TOLERANCE = 1e-5


class NonNegativeCox:
    """Cox model with Efron's ties and coefficients b >= 0, as a stacking of risks needs them (Breiman 1996).

    A risk that contradicts the outcome is left out, not turned round.
    """

    def fit(self, features: FloatArray, outcome: Outcome) -> "NonNegativeCox":
        """Fit on n patients.

        Parameters
        ----------
        features : array, shape (n, p)
            Finite.
        outcome : Outcome
            Of the same n patients, at least one event.

        Raises
        ------
        DidNotConvergeError
            If the optimum was not reached, or there is none.
        """
        likelihood = EfronLikelihood(features - features.mean(axis=0), outcome)

        def value_and_gradient(coefficients: FloatArray) -> tuple[float, FloatArray]:
            return likelihood.value(coefficients), likelihood.derivatives(coefficients)[0]

        p = features.shape[1]
        found = minimize(
            value_and_gradient,
            np.zeros(p),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * p,
            options={"maxiter": 500, "ftol": 1e-14, "gtol": TOLERANCE},
        )
        coefficients = np.maximum(found.x, 0.0)
        gradient = likelihood.derivatives(coefficients)[0]
        # At the optimum the gradient is 0 where b > 0, and does not point to a larger likelihood where b = 0.
        projected = np.where(coefficients > 0, gradient, np.minimum(gradient, 0.0))
        largest = float(np.max(np.abs(projected), initial=0.0))
        if not largest <= TOLERANCE * outcome.n_events:
            raise DidNotConvergeError(
                f"non-negative Cox regression did not converge: largest component of the gradient {largest:.2g}"
            )
        self.coefficients: FloatArray = coefficients
        self._curves = BreslowCurves().fit(self.linear_predictor(features), outcome)
        return self

    def linear_predictor(self, features: FloatArray) -> FloatArray:
        """Return x'b of n patients, shape (n,)."""
        linear_predictor: FloatArray = features @ self.coefficients
        return linear_predictor

    def survival(self, features: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves of n patients at T times, shape (n, T)."""
        return self._curves.survival(self.linear_predictor(features), times)
