"""The penalty of a ridge Cox model by cross-validation: against the definition, and where it can be told beforehand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.chosen_ridge_cox import FOLDS, PENALTIES, TooFewEventsError, chosen_penalty
from methods.shared.heads.chosen_ridge_cox import _inner_folds as inner_folds
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.ridge_cox import RidgeCox


def cohort(n: int, effect: float, seed: int, width: int = 4) -> tuple[FloatArray, Outcome]:
    """Return covariates, of which the first moves the log hazard so much, and the outcome, half of it censored."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, width))
    failure = rng.exponential(np.exp(-effect * features[:, 0]))
    censored = rng.exponential(1.0, n)
    return features, Outcome(np.minimum(failure, censored), failure <= censored)


def test_it_is_the_best_by_the_definition() -> None:
    features, outcome = cohort(120, 0.5, 1)
    fold = inner_folds(outcome, 7)
    scores = []
    for penalty in PENALTIES:
        total = 0.0
        for number in range(FOLDS):
            kept = np.flatnonzero(fold != number)
            found = RidgeCox(penalty).fit(features[kept], outcome.take(kept)).coefficients
            # The value is the negative log likelihood.
            total += EfronLikelihood(features[kept], outcome.take(kept)).value(found)
            total -= EfronLikelihood(features, outcome).value(found)
        scores.append(total)
    assert chosen_penalty(features, outcome, 7) == PENALTIES[int(np.argmax(scores))]


def test_noise_is_penalised_and_a_strong_effect_is_not() -> None:
    noise = [chosen_penalty(*cohort(200, 0.0, seed, 12), seed) for seed in range(5)]
    effect = [chosen_penalty(*cohort(200, 2.0, seed, 1), seed) for seed in range(5)]
    assert min(noise) >= 100
    assert max(effect) <= 10


def test_the_same_seed_chooses_the_same() -> None:
    features, outcome = cohort(80, 0.3, 2)
    assert len({chosen_penalty(features, outcome, 3) for _ in range(3)}) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_every_inner_fold_has_its_share_of_the_events(events: int, others: int, seed: int) -> None:
    event = np.arange(events + others) < events
    outcome = Outcome(np.arange(1.0, events + others + 1), event)
    fold = inner_folds(outcome, seed)
    in_fold = np.bincount(fold[event])
    assert len(in_fold) == min(FOLDS, events)
    assert in_fold.min() >= 1
    assert np.ptp(in_fold) <= 1


def test_two_events_are_enough_and_one_is_not() -> None:
    features, outcome = cohort(30, 0.0, 4)
    events = np.flatnonzero(outcome.event)
    two, one = (Outcome(outcome.time, np.isin(np.arange(30), events[:count])) for count in (2, 1))
    assert chosen_penalty(features, two, 0) in PENALTIES
    with pytest.raises(TooFewEventsError, match="no penalty can be chosen on 1 event of the training part: fix it"):
        chosen_penalty(features, one, 0)
