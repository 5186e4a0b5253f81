"""Scores of the patients whom a language model answered, beside those of all.

Where an answer cannot be read, a method puts something else in its place, and the scores of all patients judge that
too. These judge the answers alone; on how many patients, the share of unparseable answers tells.
"""

from collections.abc import Mapping

import numpy as np

from benchmarks.protocol.measures import ANSWERED, ANSWERED_PREFIX, Measure
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import evaluate
from benchmarks.types import Outcome, Prediction, StringArray
from benchmarks.types.score import Score


def on_answered(
    protocol: EvaluationProtocol,
    train: Outcome,
    test: Outcome,
    prediction: Prediction,
    of_all: Mapping[str, Score],
    *,
    strata: StringArray | None = None,
) -> dict[str, Score]:
    """Score the answered ones of n patients by the measures of ``ANSWERED``.

    Parameters
    ----------
    protocol, train, test, strata
        As in ``evaluate``.
    prediction : Prediction
        With ``answered``.
    of_all : mapping of str to Score
        The scores of all n patients, which are also those of the answered ones where nobody is left out.

    Returns
    -------
    dict of str to Score
        Undefined, with the reason, where too few are left.
    """
    assert prediction.answered is not None, "nothing is known of who was answered"
    if prediction.answered.all():
        return {measure.name: of_all[_of(measure)] for measure in ANSWERED}
    rows = np.flatnonzero(prediction.answered)
    if rows.size == 0:
        return {measure.name: Score.undefined("no answer can be read") for measure in ANSWERED}
    survival = None if prediction.survival is None else prediction.survival[rows]
    found = evaluate(
        protocol,
        train,
        test.take(rows),
        Prediction(prediction.risk[rows], prediction.times, survival),
        strata=None if strata is None else strata[rows],
    )
    return {measure.name: found[_of(measure)] for measure in ANSWERED}


def _of(measure: Measure) -> str:
    return measure.name.removeprefix(ANSWERED_PREFIX)
