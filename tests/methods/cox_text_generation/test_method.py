"""The method as a whole, on slices of real data."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.settings import build_config
from benchmarks.contract.cohort import poisoned
from benchmarks.errors import UsageError
from benchmarks.protocol.splits import make_splits
from benchmarks.types import TEACHER, Cohort, Prediction, Table
from methods.cox_ph import Config as CoxConfig
from methods.cox_ph import CoxPH
from methods.cox_text_generation import Config, CoxTextGeneration
from methods.cox_text_generation.lesson import Rounds
from methods.cox_text_generation.teachers import CoxTeacher
from methods.cox_text_generation.training_targets import permuted, rank_correlation

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

QUICK = {"hidden": 16, "layers": 1, "heads": 2, "steps": 4, "evaluate_every": 2, "batch_size": 16}


@pytest.fixture
def quick(fitted: Fit, parts: Parts) -> CoxTextGeneration:
    train, validation, _ = parts("gbsg2")
    return fitted(train, validation, aug_rows=100, **QUICK)


@pytest.fixture
def prediction(quick: CoxTextGeneration, parts: Parts, times: np.ndarray) -> Prediction:
    return quick.predict(parts("gbsg2")[2].patients, times)


def test_the_student_is_stored_beside_expectation_and_teacher(prediction: Prediction) -> None:
    assert set(prediction.variants) == {"expected", TEACHER}
    assert set(prediction.states) == {"hidden", "hidden_untrained"}
    assert {"unparseable_share", "distinct_outputs", "target_mae"} <= set(prediction.diagnostics)
    assert prediction.texts is not None


def test_the_teacher_is_the_suites_cox_model(
    prediction: Prediction, parts: Parts, times: np.ndarray, quick: CoxTextGeneration, context: object
) -> None:
    train, validation, test = parts("gbsg2")
    cox = CoxPH(CoxConfig(penalty=quick.config.penalty))
    cox.fit(train, validation, context)  # type: ignore[arg-type]  # 2026-11-22: settings as a test gives them

    expected = cox.predict(test.patients, times)

    np.testing.assert_array_equal(prediction.variants[TEACHER].risk, expected.risk)
    np.testing.assert_array_equal(prediction.variants[TEACHER].survival, expected.survival)


def test_expected_numbers_have_the_decimals_that_were_taught(
    quick: CoxTextGeneration, prediction: Prediction, parts: Parts
) -> None:
    exact = quick.student.expected(parts("gbsg2")[2].patients.table())

    risk = prediction.variants["expected"].risk
    np.testing.assert_array_equal(risk, [float(f"{number:.1f}") for number in risk])
    np.testing.assert_allclose(risk, exact, atol=0.05 + 1e-9)


def test_what_is_no_number_is_counted_and_replaced_by_the_training_median(
    quick: CoxTextGeneration, parts: Parts, times: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = parts("gbsg2")[2][np.arange(5)].patients
    answers = ["12.5", "abc", "", "125", "00.1"]
    monkeypatch.setattr("methods.cox_text_generation.student.greedy_texts", lambda *_: answers)

    said = quick.predict(patients, times)

    assert said.risk.tolist() == [12.5, quick.student.fallback, quick.student.fallback, quick.student.fallback, 0.1]
    assert said.diagnostics["unparseable_share"] == 0.6
    assert said.texts == ("12.5", "abc", "", "125", "00.1")
    trained_on = quick.target.numbers(quick.teacher.linear_predictor(parts("gbsg2")[0].patients.table()))
    assert quick.student.fallback == np.median(trained_on)


def test_curves_start_at_one_and_hold_beyond_the_last_event(quick: CoxTextGeneration, parts: Parts) -> None:
    patients = parts("gbsg2")[2].patients

    said = quick.predict(patients, np.array([0.0, 2e3, 1e4, 1e6]))

    for row in said.rows().values():
        assert row.survival is not None
        np.testing.assert_array_equal(row.survival[:, 0], 1.0)
        np.testing.assert_array_equal(row.survival[:, 2], row.survival[:, 3])


def test_poisoned_test_rows_leave_teacher_vocabulary_ranks_and_horizon_bit_identical(fitted: Fit) -> None:
    loaded = load_dataset("gbsg2")
    split = make_splits(loaded.cohort, folds=5, repeats=1, seed=0)[0]
    bad = poisoned(loaded.cohort, split.test)

    clean, dirty = (
        fitted(cohort[split.train], cohort[split.validation], aug_rows=50, **QUICK) for cohort in (loaded.cohort, bad)
    )

    assert isinstance(clean.teacher, CoxTeacher)
    assert isinstance(dirty.teacher, CoxTeacher)
    assert clean.teacher.model.coefficients.tobytes() == dirty.teacher.model.coefficients.tobytes()
    knots = loaded.cohort.outcome.time
    first, second = (method.teacher.cumulative_hazard(knots) for method in (clean, dirty))
    assert first.tobytes() == second.tobytes()
    assert clean.teacher.horizon == dirty.teacher.horizon
    assert clean.student.fallback == dirty.student.fallback
    assert clean.student.vocabulary.tokens == dirty.student.vocabulary.tokens
    assert clean.student.prompts.levels == dirty.student.prompts.levels  # type: ignore[attr-defined]  # 2026-11-22: of coded prompts
    for name, ranks in clean.student.prompts.sorted.items():  # type: ignore[attr-defined]  # 2026-11-22: of coded prompts
        assert ranks.tobytes() == dirty.student.prompts.sorted[name].tobytes()  # type: ignore[attr-defined]  # 2026-11-22: of coded prompts
    for one, other in zip(clean.student.model.parameters(), dirty.student.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_outcomes_of_the_validation_part_are_not_used(fitted: Fit, parts: Parts) -> None:
    train, validation, _ = parts("gbsg2")
    turned = replace(validation, outcome=replace(validation.outcome, event=~validation.outcome.event))

    first, second = fitted(train, validation, **QUICK), fitted(train, turned, **QUICK)

    for one, other in zip(first.student.model.parameters(), second.student.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_thirty_two_patients_reproduce_their_targets_exactly(fitted: Fit, parts: Parts, times: np.ndarray) -> None:
    train, _, _ = parts("gbsg2")
    few = train[np.arange(32)]
    settings = {"hidden": 64, "layers": 2, "batch_size": 32, "steps": 250, "evaluate_every": 50}

    method = fitted(few, few, aug_rows=0, learning_rate=3e-3, weight_decay=0.0, **settings)

    taught = method.target.numbers(method.teacher.linear_predictor(few.patients.table()))
    assert method.student.written(few.patients.table()).texts == method.target.format.write(taught)


def test_a_short_training_copies_the_ranking_of_its_teacher(fitted: Fit, parts: Parts, times: np.ndarray) -> None:
    train, validation, test = parts("actg320")
    settings = {"hidden": 32, "learning_rate": 3e-3, "batch_size": 32, "steps": 600, "evaluate_every": 100}

    said = fitted(train, validation, aug_rows=3000, **settings).predict(test.patients, times)

    assert spearmanr(said.variants["expected"].risk, said.variants[TEACHER].risk).statistic > 0.9
    assert said.diagnostics["unparseable_share"] < 0.1


@pytest.mark.parametrize("settings", [{"style": "natural"}, {"column_order": "shuffled"}, {"target": "log_hr"}])
def test_every_switch_runs(fitted: Fit, parts: Parts, times: np.ndarray, settings: dict[str, str]) -> None:
    train, validation, test = parts("whas500")

    method = fitted(train, validation, aug_rows=0, **settings, **QUICK)

    assert np.ptp(method.student.expected(test.patients.table())) > 0
    assert set(method.predict(test.patients, times).variants) == {"expected", TEACHER}


def test_an_unknown_backbone_is_refused_and_never_replaced() -> None:
    with pytest.raises(UsageError, match="did you mean smollm2-135m"):
        build_config("cox_text_generation", Config, {"backbone": "smollm2"})


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(UsageError, match="multiple of twice the heads"):
        build_config("cox_text_generation", Config, {"hidden": 64, "heads": 5})


def test_rounds_have_one_length_however_few_the_rows() -> None:
    rounds = Rounds(rows=10, size=4, batches=6)

    batches = rounds(np.random.default_rng(0))

    assert [len(batch) for batch in batches] == [4] * 6
    counts = np.bincount(np.concatenate(batches), minlength=10)
    assert counts.min() >= 2
    assert counts.max() <= 3


def test_a_permutation_keeps_the_values_and_has_no_chance_correlation() -> None:
    values = np.random.default_rng(0).normal(size=200)

    null = permuted(values, np.random.default_rng(1))

    np.testing.assert_array_equal(np.sort(null), np.sort(values))
    assert abs(rank_correlation(null, values)) < 0.01


def test_rank_correlation_is_spearmans_and_zero_for_constants() -> None:
    first, second = np.random.default_rng(0).integers(0, 5, (2, 50)).astype(float)

    assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)
    assert rank_correlation(first, np.ones(50)) == 0.0


def test_missing_tables_are_read_as_missing_values(quick: CoxTextGeneration, parts: Parts, times: np.ndarray) -> None:
    table = parts("gbsg2")[2].patients.table()
    blank = Table(table.frame.mask(np.ones(table.frame.shape, dtype=bool)))

    assert np.isfinite(quick.student.expected(blank)).all()
