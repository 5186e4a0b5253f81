"""Which texts are taught, given what was observed: against the definition, by hand."""

import numpy as np
import pytest

from benchmarks.types import Outcome
from methods.llm_distillation.calibration_correction import (
    Correction,
    known_status,
    outcome_likelihood,
    text_weights,
)

HORIZONS = np.array([12.0, 36.0, 60.0])
# Event at 20; alive at 70; censored at 6, before all horizons; event at 40.
OUTCOME = Outcome(np.array([20.0, 70.0, 6.0, 40.0]), np.array([True, False, False, True]))
SAID = np.array([[0.9, 0.7, 0.3], [0.9, 0.7, 0.3], [0.2, 0.1, 0.05], [0.9, 0.6, 0.4]])


def test_status_is_known_until_censoring() -> None:
    np.testing.assert_array_equal(known_status(HORIZONS, OUTCOME), [[1, 0, 0], [1, 1, 1], [np.nan] * 3, [1, 1, 0]])


@pytest.mark.parametrize(
    ("correction", "kept"),
    [
        # Patient 0 contradicts at 36 (1 of 3), patient 1 at 60 (1 of 3, the last one), patients 2 and 3 nowhere.
        ("off", [1, 1, 1, 1]),
        ("any", [0, 0, 1, 1]),
        ("last", [1, 0, 1, 1]),
        ("majority", [1, 1, 1, 1]),
    ],
)
def test_hard_corrections_leave_out_what_contradicts(correction: Correction, kept: list[int]) -> None:
    assert text_weights(correction, SAID, HORIZONS, OUTCOME).tolist() == kept


def test_a_majority_of_contradictions_is_left_out() -> None:
    said = np.array([[0.4, 0.3, 0.2]])
    outcome = Outcome(np.array([40.0]), np.array([True]))

    assert text_weights("majority", said, HORIZONS, outcome).tolist() == [0]


def test_who_has_no_statement_has_no_weight() -> None:
    said = np.where(np.arange(4)[:, None] == 1, np.nan, SAID)

    for correction in ("off", "any", "last", "majority", "probabilistic"):
        assert text_weights(correction, said, HORIZONS, OUTCOME)[1] == 0  # type: ignore[arg-type]  # 2026-11-26: a loop


def test_likelihoods_are_masses_of_intervals() -> None:
    # Event in (12, 36]; survived 60; nothing survived; event in (36, 60].
    np.testing.assert_allclose(outcome_likelihood(SAID, HORIZONS, OUTCOME), [0.2, 0.3, 1.0, 0.2])
    # Without a statement at 36 the event at 20 is somewhere in (12, 60].
    gap = np.array([[0.9, np.nan, 0.3]])
    assert outcome_likelihood(gap, HORIZONS, OUTCOME.take(np.array([0])))[0] == pytest.approx(0.6)


def test_all_masses_of_a_patient_sum_to_one() -> None:
    outcome = Outcome(np.array([5.0, 20.0, 50.0, 90.0]), np.ones(4, dtype=bool))

    assert outcome_likelihood(np.tile(SAID[0], (4, 1)), HORIZONS, outcome).sum() == pytest.approx(1.0)


def test_a_statement_near_one_half_counts_nearly_as_much_whichever_way_it_ends() -> None:
    horizon = np.array([36.0])
    time, event = np.array([20.0, 70.0] * 10), np.array([True, False] * 10)
    outcome = Outcome(time, event)  # half of them die before 36

    said = np.full((20, 1), 0.55)
    died, lived = text_weights("probabilistic", said, horizon, outcome)[:2]
    confident = text_weights("probabilistic", np.full((20, 1), 0.95), horizon, outcome)

    assert died == pytest.approx(0.45 / (0.45 + 0.5))
    assert lived == pytest.approx(0.55 / (0.55 + 0.5))
    assert confident[0] == pytest.approx(0.05 / 0.55)
    assert text_weights("any", said, horizon, outcome)[:2].tolist() == [0, 1]


def test_a_teacher_who_says_the_marginal_curve_has_equal_weights() -> None:
    rng = np.random.default_rng(0)
    outcome = Outcome(rng.exponential(40, 50) + 0.1, rng.random(50) < 0.6)
    from metrics import kaplan_meier

    said = np.tile(kaplan_meier(outcome.time, outcome.event).at(HORIZONS), (50, 1))

    np.testing.assert_allclose(text_weights("probabilistic", said, HORIZONS, outcome), 0.5)


def test_the_hard_form_is_unfair_to_a_calibrated_teacher_and_the_probabilistic_one_less_so() -> None:
    rng = np.random.default_rng(1)
    said = rng.uniform(0.05, 0.95, 20_000)
    lived = rng.random(20_000) < said
    outcome = Outcome(np.where(lived, 70.0, 20.0), ~lived)
    near = np.abs(said - 0.5) < 0.1

    def share_near(correction: Correction) -> float:
        weights = text_weights(correction, said[:, None], np.array([36.0]), outcome)
        return float(weights[near].sum() / weights.sum())

    off, hard, soft = share_near("off"), share_near("any"), share_near("probabilistic")
    # Of what is taught, too little is about patients near 50 %.
    assert hard < soft < off
    assert off - soft < (off - hard) / 2
