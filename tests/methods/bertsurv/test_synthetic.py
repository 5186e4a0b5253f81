"""Where a word of the note and a measurement drive the hazard, both together tell more than either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import metrics
from benchmarks.types import Cohort, Context
from methods.bertsurv import BertSurv, Config

MakeCohort = Callable[..., Cohort]


def concordance(cohort: Cohort, context: Context, **changes: Any) -> float:
    method = BertSurv(Config(encoder="tfidf", members=2, **changes))
    method.fit(cohort[np.arange(320)], cohort[np.arange(320, 400)], context)
    test = cohort[np.arange(400, 600)]
    risk = method.predict(test.patients, np.array([10.0, 20.0])).risk
    return float(metrics.concordance_index(test.outcome.time, test.outcome.event, risk))


def test_notes_and_measurements_together_beat_either(make_cohort: MakeCohort, context: Context) -> None:
    cohort = make_cohort(600, seed=3).only("clinical", "text")
    both = concordance(cohort, context)
    assert both > concordance(cohort, context, notes=False) + 0.03
    assert both > concordance(cohort, context, measurements=False) + 0.03
