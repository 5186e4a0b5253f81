"""Facts in a ridge Cox model: which are kept is decided on the training patients."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Cohort, Context, Outcome, Patients, Table
from methods.report_facts import Config, ReportFacts
from methods.shared.features.components import ModalityVectors
from methods.shared.features.report_facts import FactVectors
from methods.shared.heads.ridge_cox import RidgeCox

N = 120
TIMES = np.linspace(0.0, 1500.0, 31)


def _cohort(seed: int = 0) -> Cohort:
    """Draw patients whose hazard depends on age, size and perineural invasion; some lack a report."""
    rng = np.random.default_rng(seed)
    age, size, perineural = rng.normal(60, 10, N), rng.normal(1, 0.5, N), rng.choice([-1.0, 0.0, 1.0], N)
    hazard = np.exp(0.04 * (age - 60) + size + 0.8 * perineural)
    time, leaves = rng.exponential(500 / hazard), rng.uniform(50, 1500, N)
    facts = pd.DataFrame(
        {
            "size": np.where(rng.random(N) < 0.3, np.nan, size),
            "pm": np.where(np.arange(N) < 8, 1.0, np.nan),  # known of 7 %
            "adrenal": np.where(np.arange(N) < 5, 1.0, 0.0),  # another value in 4 %
            "perineural": perineural,
            "words": rng.normal(6, 1, N),
            "parts": rng.integers(0, 9, N).astype(float),
        }
    )
    modalities = {"clinical": Table(pd.DataFrame({"age": age})), "facts": Table(facts, rng.random(N) < 0.9)}
    ids = np.array([f"p{row}" for row in range(N)])
    return Cohort(Patients(ids, modalities), Outcome(np.minimum(time, leaves) + 1, time <= leaves), "days")


def _fitted(cohort: Cohort, context: Context, **settings: object) -> ReportFacts:
    method = ReportFacts(Config(**settings))  # type: ignore[arg-type]  # 2026-11-26: settings of a test
    method.fit(cohort, cohort, context)
    return method


def test_facts_that_few_patients_tell_anything_in_are_dropped() -> None:
    table = _cohort().patients.table("facts")
    names = FactVectors().fit(table).names
    assert names == ["size", "size?", "perineural", "words", "parts", "no report"]
    assert FactVectors(style=False).fit(table).names == ["size", "size?", "perineural", "no report"]


def test_which_facts_are_kept_does_not_hang_on_the_patients_to_predict() -> None:
    table = _cohort().patients.table("facts")
    frame = table.frame.assign(pm=1.0)
    vectors = FactVectors().fit(table)
    known = vectors.transform(table)
    np.testing.assert_array_equal(known, vectors.transform(Table(frame, table.present)))


def test_columns_have_mean_0_and_variance_1_among_the_training_patients_with_a_report() -> None:
    table = _cohort().patients.table("facts")
    columns = FactVectors().fit(table).transform(table)[table.present, :-1]
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(columns.std(axis=0), 1)


def test_a_patient_without_a_report_has_the_mean_and_a_flag() -> None:
    table = _cohort().patients.table("facts")
    columns = FactVectors().fit(table).transform(table)
    assert not columns[~table.present, :-1].any()
    assert columns[:, -1].tolist() == (~table.present).astype(float).tolist()


def test_it_is_the_shared_ridge_cox_on_both_tables(context: Context) -> None:
    cohort = _cohort()
    clinical, facts = cohort.patients.table(), cohort.patients.table("facts")
    columns = np.hstack(
        [ModalityVectors(1, 0).fit(clinical).transform(clinical), FactVectors().fit(facts).transform(facts)]
    )
    expected = RidgeCox(20.0).fit(columns, cohort.outcome)
    found = _fitted(cohort, context).predict(cohort.patients, TIMES)
    np.testing.assert_allclose(found.risk, expected.linear_predictor(columns))
    assert found.survival is not None
    np.testing.assert_allclose(found.survival, expected.survival(columns, TIMES))


def test_facts_alone_do_without_a_clinical_table(context: Context) -> None:
    cohort = _cohort()
    alone = replace(cohort, patients=cohort.patients.only("facts"))
    risk = _fitted(alone, context).predict(alone.patients, TIMES).risk
    assert np.ptp(risk) > 0


def test_without_style_the_layout_of_a_report_changes_nothing(context: Context) -> None:
    cohort = _cohort()
    table = cohort.patients.table("facts")
    longer = Table(table.frame.assign(words=table.frame["words"] + 1, parts=3.0), table.present)
    patients = Patients(cohort.patients.ids, {**cohort.patients.modalities, "facts": longer})
    for style, same in ((True, False), (False, True)):
        method = _fitted(cohort, context, style=style)
        one, other = (method.predict(who, TIMES).risk for who in (cohort.patients, patients))
        assert np.array_equal(one, other) == same


def test_no_report_at_all_is_an_error_that_says_so(make_context: Callable[..., Context]) -> None:
    cohort = _cohort()
    table = Table(cohort.patients.table("facts").frame, np.zeros(N, dtype=np.bool_))
    nobody = replace(cohort, patients=Patients(cohort.patients.ids, {"facts": table}))
    with pytest.raises(ValueError, match="no training patient has the table"):
        _fitted(nobody, make_context())
