"""The surrogate is a cross-fitted Cox model, and its reasons are those of its coefficients."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Matrix, Outcome, Patients, Table
from methods.llm_distillation.teachers import SurrogateSettings, SurrogateTeacher, horizons_of
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.ridge_cox import RidgeCox
from metrics import concordance_index

MakeContext = Callable[..., Context]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Return 200 patients: age and stage raise the risk, of 12 genes the first does, and "noise" does nothing."""
    rng = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n),
            "stage": rng.choice([1.0, 2.0, 7 / 3, 3.0, 4.0], n),
            "noise": rng.normal(size=n),
            "side": rng.choice(["left", "right"], n),
        }
    )
    genes = rng.normal(size=(n, 12)).astype(np.float32)
    genes[:, 1:3] = genes[:, :1] + 0.1 * genes[:, 1:3]
    hazard = np.exp(0.08 * (frame["age"] - 60) + 0.8 * (frame["stage"] - 2) + 0.8 * genes[:, 0])
    time = rng.exponential(40 / hazard)
    censored = rng.uniform(5, 150, n)
    patients = Patients(
        np.array([f"p{row}" for row in range(n)]),
        {"clinical": Table(frame), "rna": Matrix(genes, tuple(f"g{gene}" for gene in range(12)))},
    )
    return Cohort(patients, Outcome(np.minimum(time, censored), time <= censored), "months")


def test_answers_for_others_are_those_of_a_ridge_cox_model_of_all_training_patients(
    cohort: Cohort, context: Context
) -> None:
    train, others = cohort[np.arange(150)], cohort[np.arange(150, 200)]
    teacher = SurrogateTeacher(SurrogateSettings(reads=("clinical",)))
    teacher.fit(train, context)

    covariates = TabularPreprocessor().fit(train.patients.table())
    cox = RidgeCox(20.0).fit(covariates.transform(train.patients.table()), train.outcome)
    expected = cox.survival(covariates.transform(others.patients.table()), horizons_of(train))

    np.testing.assert_allclose(teacher.answers(others.patients).probabilities, np.clip(expected, 0.005, 0.995))


def test_no_answer_hangs_on_the_patients_own_outcome(cohort: Cohort, context: Context) -> None:
    before = SurrogateTeacher(rule="months").fit(cohort, context)
    time = cohort.outcome.time.copy()
    time[0] *= 3
    after = SurrogateTeacher(rule="months").fit(replace(cohort, outcome=Outcome(time, cohort.outcome.event)), context)
    np.testing.assert_array_equal(after.probabilities[0], before.probabilities[0])
    assert after.rationales[0] == before.rationales[0]
    assert not np.array_equal(after.probabilities, before.probabilities)


def test_it_ranks_patients_it_has_not_seen_and_expression_helps(cohort: Cohort, context: Context) -> None:
    train, test = cohort[np.arange(150)], cohort[np.arange(150, 200)]

    def concordance(*reads: str) -> float:
        teacher = SurrogateTeacher(SurrogateSettings(reads=reads))
        teacher.fit(train, context)
        risk = -teacher.answers(test.patients).probabilities[:, 1]
        return concordance_index(test.outcome.time, test.outcome.event, risk).value

    clinical, both = concordance("clinical"), concordance("clinical", "rna")
    assert 0.6 < clinical < both


def test_the_reason_names_what_moves_the_risk_and_its_value(cohort: Cohort, context: Context) -> None:
    teacher = SurrogateTeacher(SurrogateSettings(named=1))
    teacher.fit(cohort, context)
    frame = pd.DataFrame(
        {"age": [95.0, 60.0, 60.0], "stage": [2.0, 4.0, 7 / 3], "noise": [0.0] * 3, "side": ["left"] * 3}
    )
    genes = np.zeros((3, 12), dtype=np.float32)
    genes[2, :3] = -4.0
    patients = Patients(
        np.array(["a", "b", "c"]), {"clinical": Table(frame), "rna": Matrix(genes, cohort.patients.matrix("rna").names)}
    )
    assert teacher.answers(patients).rationales == (
        "Risk is raised by age 95.",
        "Risk is raised by stage IV.",
        "Risk is lowered by the rna profile.",
    )


def test_a_patient_is_told_the_same_alone_as_among_others(cohort: Cohort, context: Context) -> None:
    teacher = SurrogateTeacher(SurrogateSettings(noise=1.0))
    teacher.fit(cohort, context)
    among, alone = teacher.answers(cohort.patients), teacher.answers(cohort.patients[np.array([7])])
    np.testing.assert_allclose(alone.probabilities[0], among.probabilities[7], rtol=1e-9)
    assert alone.rationales[0] == among.rationales[7]


def test_miscalibration_multiplies_the_cumulative_hazard_and_keeps_the_ranking(
    cohort: Cohort, context: Context
) -> None:
    plain, dark = (
        SurrogateTeacher(SurrogateSettings(miscalibration=factor)).fit(cohort, context).probabilities[:, 1]
        for factor in (1.0, 1.5)
    )
    inside = (plain > 0.01) & (plain < 0.99) & (dark > 0.01)
    np.testing.assert_allclose(np.log(dark[inside]), 1.5 * np.log(plain[inside]))


def test_noise_has_the_spread_that_was_asked_for_and_hangs_on_the_seed(
    cohort: Cohort, make_context: MakeContext
) -> None:
    def log_hazard(noise: float, seed: int = 0) -> np.ndarray:
        said = SurrogateTeacher(SurrogateSettings(noise=noise)).fit(cohort, make_context(seed))
        return np.log(-np.log(said.probabilities[:, 1]))

    errors = log_hazard(0.3) - log_hazard(0.0)
    assert 0.2 < errors.std() < 0.4
    np.testing.assert_array_equal(log_hazard(0.3), log_hazard(0.3))
    assert not np.array_equal(errors, log_hazard(0.3, seed=1) - log_hazard(0.0, seed=1))


def test_without_its_modalities_it_says_what_to_do(cohort: Cohort, context: Context) -> None:
    with pytest.raises(UsageError, match="none of these"):
        SurrogateTeacher(SurrogateSettings(reads=("genomic",))).fit(cohort, context)


def test_fewer_events_than_folds_are_refused(cohort: Cohort, context: Context) -> None:
    few = replace(cohort, outcome=Outcome(cohort.outcome.time, np.arange(200) < 3))
    with pytest.raises(UsageError, match="3 events"):
        SurrogateTeacher().fit(few, context)


def test_a_table_of_constant_columns_is_told(six_patients: Cohort, context: Context) -> None:
    constant = Patients(six_patients.patients.ids, {"clinical": Table(pd.DataFrame({"age": [50.0] * 6}))})
    teacher = SurrogateTeacher(SurrogateSettings(folds=2))
    with pytest.raises(UsageError, match="cannot read the modality 'clinical'"):
        teacher.fit(replace(six_patients, patients=constant), context)
