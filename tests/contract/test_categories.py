"""Categories and codes are held against the outcome with all their levels at once."""

import numpy as np
import pytest

from benchmarks.contract.categories import association, no_category_tells_the_outcome

CAUSES = np.array(["heart", "brain", "lung", "liver", "bone"])
STATES = np.array(["well", "in care", "moved", "lost"])


def of_event(event: np.ndarray, random: np.random.Generator, share_wrong: float = 0.0) -> np.ndarray:
    """Return a cause for those with the event and a state for the others; of some, one of the other kind."""
    told = event ^ (random.random(event.size) < share_wrong)
    return np.where(told, random.choice(CAUSES, event.size), random.choice(STATES, event.size))


def test_the_association_of_two_by_two_without_a_surplus_is_the_corrected_phi() -> None:
    """Of counts 30, 10, 10, 30: chi-squared 20, phi² 0.25; less 1/79, over a room of 1 - 1/79: 0.2373/0.9873."""
    codes = np.repeat([0, 0, 1, 1], [30, 10, 10, 30])
    classes = np.repeat([0, 1, 0, 1], [30, 10, 10, 30])
    strength, p_value = association(codes, classes)
    assert strength == pytest.approx(np.sqrt((0.25 - 1 / 79) / (1 - 1 / 79)))
    assert p_value == pytest.approx(7.744e-6, rel=1e-3)


def test_a_level_for_every_patient_has_no_association() -> None:
    assert association(np.arange(50), np.arange(50) % 2)[0] == 0.0
    assert association(np.zeros(50, np.int64), np.arange(50) % 2) is None


def test_a_cause_of_which_no_level_alone_is_the_event_is_refused(drawn_cohort) -> None:
    event = drawn_cohort().outcome.event
    (problem,) = no_category_tells_the_outcome(
        drawn_cohort(discharge=of_event(event, np.random.default_rng(0)))
    ).problems
    assert problem.startswith("clinical: 'discharge': its levels tell the event with an association of 0.98")


def test_codes_as_numbers_are_categories_too(drawn_cohort) -> None:
    event = drawn_cohort().outcome.event
    code = np.where(event, np.random.default_rng(0).choice([2.0, 5.0, 8.0], 200), 4.0)
    assert len(no_category_tells_the_outcome(drawn_cohort(code=code)).problems) == 1


def test_a_cause_that_is_often_wrong_is_a_warning(drawn_cohort) -> None:
    event = drawn_cohort().outcome.event
    verdict = no_category_tells_the_outcome(drawn_cohort(discharge=of_event(event, np.random.default_rng(0), 0.1)))
    assert verdict.problems == []
    (warning,) = verdict.warnings
    assert "its levels tell the event with an association of 0.8" in warning or "of 0.7" in warning


def test_levels_out_of_order_that_tell_the_time_are_found(drawn_cohort) -> None:
    time = drawn_cohort().outcome.time
    quarter = np.searchsorted(np.quantile(time, [0.25, 0.5, 0.75]), time)
    (problem,) = no_category_tells_the_outcome(drawn_cohort(form=np.array(["C", "A", "D", "B"])[quarter])).problems
    assert "tell the time, in quarters, with an association of 1.00" in problem


@pytest.mark.parametrize("seed", range(10))
def test_categories_that_have_nothing_to_do_with_the_outcome_are_not_accused(drawn_cohort, seed: int) -> None:
    random = np.random.default_rng(seed)
    columns = {f"c{k}": random.choice(list("abcdefghijklmnopqrst")[: k + 2], 120) for k in range(18)}
    columns["own"] = np.array([f"p{k}" for k in range(120)])
    verdict = no_category_tells_the_outcome(drawn_cohort(120, seed, **columns))
    assert (list(verdict.problems), list(verdict.warnings)) == ([], [])
