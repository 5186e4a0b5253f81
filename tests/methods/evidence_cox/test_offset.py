"""Networks that start from the predictor of ``evidence_cox``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.cohort import contract_cohort
from benchmarks.contract.leaks import test_rows_do_not_reach_the_fit as check_test_rows
from benchmarks.contract.leaks import unneeded_validation_is_not_used
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Outcome
from methods.evidence_cox import BlockCox, Config
from methods.evidence_cox.cross_fitted import FOLDS, CrossFittedPredictor
from methods.modalsurv import Config as ModalSurvConfig
from methods.modalsurv import ModalSurv
from methods.residual_net import Config as ResidualConfig
from methods.residual_net import ResidualNet
from methods.shared.training.fold_ensemble import inner_folds

TIMES = np.linspace(0.0, 800.0, 11)
OFFSET = {
    "residual_net": {"offset": "evidence"},
    "modalsurv": {"offset": "evidence", "head": "cox"},
}


@pytest.fixture
def cohort() -> Cohort:
    return contract_cohort().only("clinical", "rna")


def test_training_patients_have_the_predictor_of_models_that_have_not_seen_them(
    cohort: Cohort, context: Context
) -> None:
    clean = CrossFittedPredictor().fit(cohort, context)
    (fold, *_) = inner_folds(cohort.outcome, FOLDS, context.derived_seed("folds of the offset"))
    time = cohort.outcome.time.copy()
    time[fold.held_out] = 5000.0 - time[fold.held_out]
    dirty = CrossFittedPredictor().fit(replace(cohort, outcome=Outcome(time, cohort.outcome.event)), context)
    np.testing.assert_array_equal(clean.out_of_fold[fold.held_out], dirty.out_of_fold[fold.held_out])
    assert (clean.out_of_fold[fold.train] != dirty.out_of_fold[fold.train]).all()
    assert (clean(cohort.patients) != dirty(cohort.patients)).all()


def test_the_predictor_of_everybody_else_is_that_of_the_method(cohort: Cohort, context: Context) -> None:
    train, others = cohort[np.arange(100)], cohort[np.arange(100, 160)].patients
    method = BlockCox(Config())
    method.fit(train, train, context)
    found = CrossFittedPredictor().fit(train, context)(others)
    np.testing.assert_array_equal(found[:, 0], method.predict(others, TIMES).risk)


@pytest.mark.parametrize("name", OFFSET)
def test_a_network_that_stays_at_its_start_is_the_method(name: str, cohort: Cohort, context: Context) -> None:
    still = {"learning_rate": 1e-12, "epochs": 1, "members": 2}
    network = (
        ResidualNet(ResidualConfig(offset="evidence", **still))  # type: ignore[arg-type]  # 2026-11-26: of several kinds
        if name == "residual_net"
        else ModalSurv(ModalSurvConfig(offset="evidence", head="cox", select_by="loss", **still))  # type: ignore[arg-type]  # 2026-11-26: of several kinds
    )
    network.fit(cohort, cohort, context)
    method = BlockCox(Config())
    method.fit(cohort, cohort, context)
    found, expected = network.predict(cohort.patients, TIMES), method.predict(cohort.patients, TIMES)
    np.testing.assert_allclose(found.risk, expected.risk, atol=1e-6)
    np.testing.assert_allclose(found.survival, expected.survival, atol=1e-6)


@pytest.mark.parametrize("name", OFFSET)
def test_no_test_row_and_no_validation_part_reaches_the_offset(name: str) -> None:
    card = method_card(name)
    candidate = Candidate(replace(card, contract={**card.contract, **OFFSET[name]}), load_entry(card))
    candidate.cohort = candidate.cohort.only("clinical", "rna")
    check_test_rows(candidate)
    unneeded_validation_is_not_used(candidate)


def test_a_distribution_over_intervals_has_no_such_offset() -> None:
    card = method_card("modalsurv")
    candidate = Candidate(replace(card, contract={}), load_entry(card))
    candidate.card = replace(card, contract={"offset": "evidence"})
    with pytest.raises(UsageError, match="needs head=cox"):
        candidate.config()
