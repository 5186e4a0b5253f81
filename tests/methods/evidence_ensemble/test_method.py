"""The ensemble is the weighted sum that its formula says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.contract.cohort import contract_cohort
from benchmarks.types import Cohort, Context, FloatArray
from methods.evidence_cox import BlockCox
from methods.evidence_cox import Config as BlockConfig
from methods.evidence_cox.method import CONTRIBUTION
from methods.evidence_ensemble import Config, EvidenceEnsemble

TIMES = np.linspace(0.0, 1000.0, 21)


def cohort(*names: str) -> Cohort:
    drawn = contract_cohort()
    return replace(drawn, patients=drawn.patients.only(*names))


def fitted(of: Cohort, context: Context, **settings: object) -> EvidenceEnsemble:
    method = EvidenceEnsemble(Config(**settings))  # type: ignore[arg-type]  # 2026-11-26: settings of a test
    method.fit(of, of, context)
    return method


def ridge(of: Cohort, context: Context) -> FloatArray:
    """Return the mean of the two models, fitted one by one."""
    genes = replace(of, patients=of.patients.only("clinical", "rna"))
    narrow, wide = BlockCox(BlockConfig()), BlockCox(BlockConfig(leading=20))
    narrow.fit(genes, genes, context)
    wide.fit(of, of, context)
    risks = narrow.predict(genes.patients, TIMES).risk, wide.predict(of.patients, TIMES).risk
    mean: FloatArray = np.mean(risks, axis=0)
    return mean


def test_without_trees_it_is_the_mean_of_two_block_models(context: Context) -> None:
    of = cohort("clinical", "rna", "facts", "text")
    prediction = fitted(of, context, trees=0).predict(of.patients, TIMES)
    np.testing.assert_allclose(prediction.risk, ridge(of, context), atol=1e-10)
    assert CONTRIBUTION + "trees" not in prediction.states


def test_trees_have_a_quarter_of_the_weight_at_the_spread_of_the_ridge_part(context: Context) -> None:
    of = cohort("clinical", "rna", "facts", "text")
    prediction = fitted(of, context, trees=20).predict(of.patients, TIMES)
    mean = ridge(of, context)
    trees = prediction.states[CONTRIBUTION + "trees"][:, 0].astype(np.float64)
    np.testing.assert_allclose(prediction.risk, 0.75 * mean + trees, atol=1e-5)
    assert trees.std() == pytest.approx(0.25 * mean.std(), rel=1e-4)
    assert np.corrcoef(trees, mean)[0, 1] > 0.5


def test_contributions_add_up_to_the_risk(context: Context) -> None:
    of = cohort("clinical", "rna", "facts")
    prediction = fitted(of, context, trees=20).predict(of.patients, TIMES)
    total = np.sum([state[:, 0] for state in prediction.states.values()], axis=0)
    np.testing.assert_allclose(total, prediction.risk, atol=1e-5)
    names = {name.removeprefix(CONTRIBUTION) for name in prediction.states}
    assert names == {"clinical", "rna", "rna, rest", "facts", "trees"}


def test_the_clinical_table_alone_is_enough(context: Context) -> None:
    of = cohort("clinical")
    prediction = fitted(of, context, trees=20).predict(of.patients, TIMES)
    assert np.ptp(prediction.risk) > 0
