"""How good explanations are, in a few numbers that need no reader."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.types import FloatArray
from methods.llm_distillation.explanations.claims import judged_claims


@dataclass(frozen=True, slots=True)
class ExplanationMeasures:
    """Measures of the explanations of n patients; what there is nothing to compute of is NaN.

    Parameters
    ----------
    patients, explained : int
        n, and those of them with an explanation.
    words : float
        Mean length of an explanation.
    grounded, contradicted, unsupported : int
        Claims of stage, grade, age and size that the patient's data state, state otherwise, and do not speak of.
    compared : int
        Percentages that could be set beside a curve.
    percentage_gap : float
        Mean absolute difference between these and the curve, in percentage points.
    """

    patients: int
    explained: int
    words: float
    grounded: int
    contradicted: int
    unsupported: int
    compared: int
    percentage_gap: float

    @property
    def claims(self) -> int:
        """Number of claims."""
        return self.grounded + self.contradicted + self.unsupported

    @property
    def grounded_share(self) -> float:
        """Share of the claims that the patient's data state."""
        return self._share(self.grounded)

    @property
    def contradicted_share(self) -> float:
        """Share of the claims of which the data state another value."""
        return self._share(self.contradicted)

    @property
    def unsupported_share(self) -> float:
        """Share of the claims of which the data say nothing; the three shares sum to 1."""
        return self._share(self.unsupported)

    @property
    def claims_per_explanation(self) -> float:
        """Mean number of claims: who claims nothing cannot be wrong."""
        return self.claims / self.explained if self.explained else np.nan

    def diagnostics(self) -> dict[str, float]:
        """Return the measures that are defined, by name, for ``Prediction.diagnostics``."""
        values = {
            "explained_share": self.explained / self.patients if self.patients else np.nan,
            "explanation_words": self.words,
            "claims_per_explanation": self.claims_per_explanation,
            "claims_grounded_share": self.grounded_share,
            "claims_contradicted_share": self.contradicted_share,
            "claims_unsupported_share": self.unsupported_share,
            "percentage_gap": self.percentage_gap,
        }
        return {name: value for name, value in values.items() if np.isfinite(value)}

    def _share(self, count: int) -> float:
        return count / self.claims if self.claims else np.nan


def judged(
    explanations: Sequence[str | None],
    shown: Sequence[Sequence[str]],
    stated: FloatArray | None = None,
    curve: FloatArray | None = None,
) -> ExplanationMeasures:
    """Judge the explanations of n patients.

    Parameters
    ----------
    explanations : sequence of n str or None
        What was written; None or blank where nothing was.
    shown : sequence of n sequences of str
        What the writer was shown of each, see ``inputs.shown_to``.
    stated : array, shape (n, J), optional
        Probabilities that the text states at J horizons; NaN where it states none.
    curve : array, shape (n, J), optional
        The curve that they should agree with, at the same horizons.

    Raises
    ------
    ValueError
        If the lengths or shapes differ, or one of ``stated`` and ``curve`` comes without the other.
    """
    if len(shown) != len(explanations):
        raise ValueError(f"{len(explanations)} explanations, but {len(shown)} patients of whom something was shown")
    written = [(text, parts) for text, parts in zip(explanations, shown, strict=True) if text and text.strip()]
    verdicts = Counter(verdict for text, parts in written for _, verdict in judged_claims(text, parts))
    lengths = [len(text.split()) for text, _ in written]
    gaps = _gaps(stated, curve, len(explanations))
    return ExplanationMeasures(
        patients=len(explanations),
        explained=len(written),
        words=float(np.mean(lengths)) if lengths else np.nan,
        grounded=verdicts["grounded"],
        contradicted=verdicts["contradicted"],
        unsupported=verdicts["unsupported"],
        compared=len(gaps),
        percentage_gap=float(np.mean(gaps)) if len(gaps) else np.nan,
    )


def _gaps(stated: FloatArray | None, curve: FloatArray | None, n: int) -> FloatArray:
    """Return the absolute differences where both are known, in percentage points."""
    if stated is None and curve is None:
        return np.empty(0)
    if stated is None or curve is None or stated.shape != curve.shape or len(stated) != n:
        shapes = [None if values is None else values.shape for values in (stated, curve)]
        raise ValueError(f"stated and curve must have the same shape (n, J), got {shapes[0]} and {shapes[1]}")
    gaps: FloatArray = 100 * np.abs(stated - curve)
    return gaps[~np.isnan(gaps)]
