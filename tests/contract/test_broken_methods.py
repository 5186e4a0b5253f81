"""The contract finds what it is there to find: each broken method fails the check made for it, and only such."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from benchmarks.catalog.registry import method_card
from benchmarks.contract import method as contract
from benchmarks.contract.method import ContractChecks
from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.cox_ph.method import Config, CoxPH


def failed_checks(method_class: Any) -> list[str]:
    checks = ContractChecks(method_card("cox_ph"), method_class).all()
    return [title for title, check in checks.items() if not contract._run(title, check).passed]


def test_a_sound_method_fails_nothing() -> None:
    assert failed_checks(CoxPH) == []


class ScalesTheTestBatch(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk - whole.risk.mean(), times, whole.survival)


def test_a_method_that_learns_from_the_test_batch_is_found() -> None:
    assert "one patient alone is predicted as among others" in failed_checks(ScalesTheTestBatch)


class TurnsTheSignRound(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(-whole.risk, times, whole.survival)


def test_a_risk_with_the_wrong_sign_is_found() -> None:
    assert failed_checks(TurnsTheSignRound) == ["curves start at 1 and higher risk means shorter survival"]


class IgnoresTheSeed(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        noise = 1e-9 * np.random.default_rng().random(len(patients))
        return Prediction(whole.risk + noise, times, whole.survival)


def test_randomness_that_does_not_come_from_the_context_is_found() -> None:
    assert "the same seed gives the same bytes" in failed_checks(IgnoresTheSeed)


class RisingCurves(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        assert whole.survival is not None
        return Prediction(whole.risk, times, whole.survival[:, ::-1])


def test_rising_curves_are_found() -> None:
    assert "predictions have the right shapes, finite risks and valid curves" in failed_checks(RisingCurves)


class ChangesItsInput(CoxPH):
    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        train.patients.table().frame["age"] = 0.0


def test_a_method_that_changes_its_input_is_found() -> None:
    assert failed_checks(ChangesItsInput) == ["inputs are left as they were"]


class ReadsTheTestRows(CoxPH):
    """Standardise with all patients the process has ever loaded, as a method with a cache of its own would."""

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self._shift = float(np.nanmean(ReadsTheTestRows.everybody["age"]))

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk + self._shift, times, whole.survival)

    everybody: Any = None


def test_a_fit_that_depends_on_the_test_rows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    fit_and_predict = contract.fit_and_predict

    def remember(method: Any, cohort: Cohort, *rest: Any) -> Any:
        ReadsTheTestRows.everybody = cohort.patients.table().frame
        return fit_and_predict(method, cohort, *rest)

    monkeypatch.setattr(contract, "fit_and_predict", remember)
    assert "poisoned test rows leave the fit bit-identical" in failed_checks(ReadsTheTestRows)


@dataclass
class MutableConfig:
    penalty: float = 0.1
    modality: str = "clinical"
    components: int = 20


class HasAMutableConfig(CoxPH):
    config_type = MutableConfig  # type: ignore[assignment]  # 2026-11-22: that is the defect

    @staticmethod
    def search_space(trial: Any) -> Any:
        return MutableConfig()


def test_a_config_that_is_not_frozen_is_found() -> None:
    assert failed_checks(HasAMutableConfig) == ["the config is a frozen dataclass of plain values"]


class DrawsTheWrongThing(CoxPH):
    @staticmethod
    def search_space(trial: Any) -> Any:
        return dataclasses.asdict(Config())


def test_a_search_space_that_draws_no_config_is_found() -> None:
    assert failed_checks(DrawsTheWrongThing) == ["the search space draws configs"]


class StartsBelowOne(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        assert whole.survival is not None
        return Prediction(whole.risk, times, 0.9 * whole.survival)


def test_curves_that_do_not_start_at_1_are_found() -> None:
    assert failed_checks(StartsBelowOne) == ["curves start at 1 and higher risk means shorter survival"]
