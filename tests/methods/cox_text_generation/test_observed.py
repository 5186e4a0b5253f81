"""Supervision by what was observed: the ablation without a teacher."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.catalog.settings import build_config
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Outcome
from methods.cox_text_generation import Config, CoxTextGeneration
from methods.cox_text_generation.observed import concordance, event_ranks

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

OBSERVED = {"supervision": "observed", "target": "rank", "aug_rows": 0}
QUICK = {"hidden": 16, "layers": 1, "heads": 2, "steps": 4, "evaluate_every": 2, "batch_size": 16}


def test_ranks_by_hand() -> None:
    """Events at 1, 3, 3, 6 and censoring at 2, 6: the curve is 5/6, 5/6, 5/12, 5/24 after 1, 2, 3, 6."""
    outcome = Outcome(np.array([3.0, 1.0, 2.0, 6.0, 3.0, 6.0]), np.array([True, True, False, True, True, False]))

    share = event_ranks(outcome, digits=3) / 1000

    expected = [(5 / 6 + 5 / 12) / 2, (1 + 5 / 6) / 2, 5 / 12, (5 / 12 + 5 / 24) / 2, (5 / 6 + 5 / 12) / 2, 5 / 48]
    np.testing.assert_allclose(share, expected, atol=1e-3)


def test_without_censoring_ranks_are_those_of_the_times() -> None:
    time = np.random.default_rng(0).permutation(np.arange(1.0, 101.0))

    ranks = event_ranks(Outcome(time, np.ones(100, dtype=bool)), digits=2)

    np.testing.assert_array_equal(ranks, 100 - time)


def test_ranks_are_uniform_whatever_is_censored() -> None:
    """E[U] = 1/2, with the unobserved part of U replaced by its mean."""
    rng = np.random.default_rng(1)
    event_time, censoring = rng.exponential(1.0, 20_000), rng.exponential(1.5, 20_000)
    outcome = Outcome(np.minimum(event_time, censoring), event_time <= censoring)

    assert event_ranks(outcome, digits=3).mean() / 1000 == pytest.approx(0.5, abs=0.01)


def test_a_student_of_what_was_observed_memorises_it(fitted: Fit, parts: Parts) -> None:
    train, validation, _ = parts("whas500")
    few = train[np.arange(24)]
    settings = {"hidden": 64, "layers": 2, "batch_size": 24, "steps": 250, "evaluate_every": 250, "weight_decay": 0.0}

    method = fitted(few, validation, learning_rate=3e-3, **OBSERVED, **settings)

    written = method.student.written(few.patients.table()).texts
    assert written == method.target.format.write(event_ranks(few.outcome, digits=3))


def test_the_teacher_has_no_part_in_what_is_learnt(fitted: Fit, parts: Parts) -> None:
    train, validation, test = parts("gbsg2")

    one, other = (fitted(train, validation, **OBSERVED, **QUICK, penalty=penalty) for penalty in (0.1, 100.0))

    table = test.patients.table()
    np.testing.assert_array_equal(one.student.expected(table), other.student.expected(table))
    assert one.student.fallback == other.student.fallback


@pytest.mark.parametrize("permute", [True, False])
def test_it_runs_and_is_selected_on_outcomes(
    fitted: Fit, parts: Parts, times: np.ndarray, permute: bool, caplog: pytest.LogCaptureFixture
) -> None:
    train, validation, test = parts("whas500")

    said = fitted(train, validation, **OBSERVED, **QUICK, permute_targets=permute).predict(test.patients, times)

    assert np.ptp(said.variants["expected"].risk) > 0
    assert "it does not say what it was taught" not in caplog.text


def test_concordance_counts_ties_half() -> None:
    outcome = Outcome(np.array([1.0, 2.0, 3.0]), np.array([True, True, False]))

    assert concordance(outcome, np.array([3.0, 2.0, 1.0])) == 1.0
    assert concordance(outcome, np.zeros(3)) == 0.5


@pytest.mark.parametrize("settings", [{"target": "rank", "aug_rows": "6000"}, {"aug_rows": "0"}, {}])
def test_settings_that_do_not_fit_are_told(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="take target=rank and aug_rows=0"):
        build_config("cox_text_generation", Config, {"supervision": "observed", **settings})
