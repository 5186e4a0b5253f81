"""What the student is to write of a patient: ``Survival: 12m 82%, 36m 55%, 60m 37%. Reason: ...``.

The numbers come first, so that a text that is cut, or rambles, still has them.
"""

import re
from collections.abc import Sequence

import numpy as np

from benchmarks.types import FloatArray
from methods.llm_distillation.horizons import Horizons

SURVIVAL = "Survival:"
REASON = "Reason:"

# A teacher's reason may be a page long; this many sentences of it are taught.
SENTENCES = 2


def target_texts(probabilities: FloatArray, horizons: Horizons, rationales: Sequence[str | None]) -> list[str | None]:
    """Return the texts of n patients; None where no probability is known.

    Parameters
    ----------
    probabilities : array, shape (n, J)
        S(horizon) in (0, 1); a horizon with NaN is left out.
    horizons : Horizons
        What they are called.
    rationales : sequence of n str or None
        Why; the first two sentences are written.
    """
    return [_target(row, horizons, reason) for row, reason in zip(probabilities, rationales, strict=True)]


def percent(probability: float) -> int:
    """Return a probability in whole percent, 1 to 99."""
    return int(np.clip(round(100 * probability), 1, 99))


def _target(probabilities: FloatArray, horizons: Horizons, rationale: str | None) -> str | None:
    said = [
        f"{name} {percent(value)}%"
        for name, value in zip(horizons.named, probabilities, strict=True)
        if not np.isnan(value)
    ]
    if not said:
        return None
    numbers = f"{SURVIVAL} {', '.join(said)}."
    reason = _first_sentences(rationale or "")
    return f"{numbers} {REASON} {reason}" if reason else numbers


def _first_sentences(text: str) -> str:
    one_line = " ".join(text.split())
    # A full stop within a number ("2.4 cm") or before a small letter ("i.e. the") ends nothing.
    return " ".join(re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", one_line)[:SENTENCES])
