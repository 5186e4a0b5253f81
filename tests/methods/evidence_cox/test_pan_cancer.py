"""The prior from other cancers: what is known of them is not learnt anew from few patients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import metrics
from benchmarks.types import Cohort, Context, Outcome, Patients, Table
from methods.evidence_cox import BlockCox, Config
from methods.evidence_cox.method import CONTRIBUTION
from methods.evidence_cox.pan_cancer import PanCancerRisks

TIMES = np.linspace(0.0, 500.0, 11)


def drawn(n: int, seed: int, effect: float = 1.0, *, prefix: str = "p") -> Cohort:
    """Draw patients whose hazard depends on four numbers and one fact alike, and types with baselines of their own."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 5))
    kind = rng.integers(0, 3, n)
    hazard = np.exp(effect * values @ [0.7, -0.6, 0.5, -0.4, 0.6] + kind)
    time, leaves = rng.exponential(100 / hazard), rng.uniform(20, 300, n)
    clinical = pd.DataFrame(values[:, :4], columns=list("abcd")).assign(only_there=rng.normal(size=n))
    patients = Patients(
        np.array([f"{prefix}{row}" for row in range(n)]),
        {"clinical": Table(clinical), "facts": Table(pd.DataFrame({"size": values[:, 4], "words": values[:, 0]}))},
    )
    return Cohort(patients, Outcome(np.ceil(np.minimum(time, leaves)), time <= leaves), "days", strata=kind.astype(str))


def few(n: int = 60) -> Cohort:
    """Return few patients without one column of the others."""
    of = drawn(n, 5, prefix="few")
    table = Table(of.patients.table().frame.drop(columns="only_there"))
    patients = Patients(of.patients.ids, {**of.patients.modalities, "clinical": table})
    return replace(of, patients=patients, strata=None)


def test_a_covariate_has_the_effect_that_it_has_elsewhere() -> None:
    risks = PanCancerRisks(style=True).fit(drawn(3000, 1), few().patients).transform(few().patients)
    assert risks.shape == (60, 2)
    np.testing.assert_allclose(risks.mean(axis=0), 0, atol=1e-12)
    frame = few().patients.table().frame
    expected = frame.to_numpy() @ [0.7, -0.6, 0.5, -0.4]
    assert np.corrcoef(risks[:, 0], expected)[0, 1] > 0.98


def test_few_patients_gain_by_what_is_known_of_others(context: Context) -> None:
    train, test = few(25), drawn(400, 9, prefix="test")
    shown = replace(context, extra_data=drawn(2000, 1, prefix="other"))
    concordance = {}
    for prior in ("none", "pan_cancer"):
        method = BlockCox(Config(prior=prior))  # type: ignore[arg-type]  # 2026-11-26: of two choices
        method.fit(train, train, shown)
        risk = method.predict(test.patients, TIMES).risk
        found = metrics.concordance_index(test.outcome.time, test.outcome.event, risk, strata=test.strata)
        concordance[prior] = float(found)
    assert concordance["pan_cancer"] > concordance["none"] + 0.02


def test_the_cohort_can_overrule_others(context: Context) -> None:
    # Elsewhere every effect has the opposite sign.
    train = replace(drawn(600, 5, prefix="train"), strata=None)
    method = BlockCox(Config(prior="pan_cancer"))
    method.fit(train, train, replace(context, extra_data=drawn(2000, 1, effect=-1.0, prefix="other")))
    risk = method.predict(train.patients, TIMES).risk
    assert float(metrics.concordance_index(train.outcome.time, train.outcome.event, risk)) > 0.65


def test_what_the_prior_says_is_a_block_of_the_risk(context: Context) -> None:
    method = BlockCox(Config(prior="leave_cancer_out"))
    method.fit(few(), few(), replace(context, extra_data=drawn(2000, 1, prefix="other")))
    prediction = method.predict(few().patients, TIMES)
    parts = prediction.states
    assert set(parts) == {CONTRIBUTION + name for name in ("clinical", "facts", "prior")}
    np.testing.assert_allclose(np.sum([part[:, 0] for part in parts.values()], axis=0), prediction.risk, atol=1e-5)
    assert prediction.diagnostics["penalty of prior"] == pytest.approx(10.0)


def test_the_style_of_a_hospital_is_left_out_of_the_prior_too() -> None:
    extra, patients = drawn(500, 1), few().patients
    changed = patients.table("facts").frame.assign(words=lambda frame: -frame["words"])
    other = Patients(patients.ids, {**patients.modalities, "facts": Table(changed)})
    for style in (True, False):
        risks = PanCancerRisks(style=style).fit(extra, patients)
        same = np.array_equal(risks.transform(patients), risks.transform(other))
        assert same is not style
