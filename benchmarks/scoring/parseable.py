"""Scores of the patients whose answer is parseable, beside those of all.

Where an answer cannot be read, a method puts something else in its place, and the scores of all patients judge that
too. These judge the answers alone; on how many patients, the share of unparseable answers tells.
"""

from collections.abc import Mapping

import numpy as np

from benchmarks.protocol.measures import PARSEABLE, PARSEABLE_PREFIX, Measure
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import UNREAD, evaluate
from benchmarks.types import Outcome, Prediction, StringArray
from benchmarks.types.score import Score


def on_parseable(
    protocol: EvaluationProtocol,
    train: Outcome,
    test: Outcome,
    prediction: Prediction,
    of_all: Mapping[str, Score],
    *,
    strata: StringArray | None = None,
) -> dict[str, Score]:
    """Score those of n patients whose answer is parseable, by the measures of ``PARSEABLE``.

    Parameters
    ----------
    protocol, train, test, strata
        As in ``evaluate``.
    prediction : Prediction
        With ``parseable``.
    of_all : mapping of str to Score
        The scores of all n patients, which are also those asked for where nobody is left out.

    Returns
    -------
    dict of str to Score
        Undefined, with the reason, where too few are left.
    """
    assert prediction.parseable is not None, "nothing is known of whose answer is parseable"
    if prediction.parseable.all():
        return {measure.name: of_all[_of(measure)] for measure in PARSEABLE}
    rows = np.flatnonzero(prediction.parseable)
    if rows.size == 0:
        return {measure.name: Score.undefined(UNREAD) for measure in PARSEABLE}
    survival = None if prediction.survival is None else prediction.survival[rows]
    found = evaluate(
        protocol,
        train,
        test.take(rows),
        Prediction(prediction.risk[rows], prediction.times, survival),
        strata=None if strata is None else strata[rows],
    )
    return {measure.name: found[_of(measure)] for measure in PARSEABLE}


def _of(measure: Measure) -> str:
    return measure.name.removeprefix(PARSEABLE_PREFIX)
