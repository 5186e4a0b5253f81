"""The contract finds what it is there to find: each broken method fails the check made for it, and only such."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.catalog.registry import method_card
from benchmarks.contract import leaks
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS, run_check
from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Table
from methods.cox_ph.method import Config, CoxPH

# No other process can import what a test defines; `test_planted_leaks.py` has these checks.
IN_OTHER_PROCESSES = (
    "what another process keeps of another fold changes no prediction",
    "saved and loaded in a fresh process it predicts the same bits",
)
HERE = [title for title in CHECKS if title not in IN_OTHER_PROCESSES]


def failed_checks(method_class: Any) -> list[str]:
    candidate = Candidate(method_card("cox_ph"), method_class)
    return [title for title in HERE if not run_check(title, candidate).passed]


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
    assert failed_checks(TurnsTheSignRound) == ["higher risk means shorter survival"]


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
    fit_and_predict = leaks.fit_and_predict

    def remember(method: Any, cohort: Cohort, *rest: Any) -> Any:
        ReadsTheTestRows.everybody = cohort.patients.table().frame
        return fit_and_predict(method, cohort, *rest)

    monkeypatch.setattr(leaks, "fit_and_predict", remember)
    assert "poisoned test rows leave the fit bit-identical" in failed_checks(ReadsTheTestRows)


class DrawsByTheTestRows(CoxPH):
    """Draw a setting from a range that hangs on patients it must not know."""

    everybody: Any = None

    @staticmethod
    def search_space(trial: Any, config: Config) -> Config:
        frame = DrawsByTheTestRows.everybody
        most = 10.0 if frame is None else 1.0 + abs(float(np.nanmean(frame["age"])))
        return dataclasses.replace(config, penalty=trial.suggest_float("penalty", 1e-3, most))


def test_a_study_that_depends_on_the_test_rows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    choose = leaks.choose

    def remember(method: Any, config: Any, cohort: Cohort, *rest: Any) -> Any:
        DrawsByTheTestRows.everybody = cohort.patients.table().frame
        return choose(method, config, cohort, *rest)

    monkeypatch.setattr(leaks, "choose", remember)
    assert failed_checks(DrawsByTheTestRows) == ["poisoned test rows leave a study of its settings bit-identical"]


class ReadsTheValidationPart(CoxPH):
    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self._weight = 1.0 + float(validation.outcome.time.sum()) / 1e6

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk * self._weight, times, whole.survival)


def test_a_method_that_reads_the_part_its_card_calls_unneeded_is_found() -> None:
    assert failed_checks(ReadsTheValidationPart) == ["a validation part that is not needed is not used"]


@dataclass
class MutableConfig:
    penalty: float = 0.1
    modality: str = "clinical"
    components: int = 20


class HasAMutableConfig(CoxPH):
    config_type = MutableConfig  # type: ignore[assignment]  # 2026-11-22: that is the defect

    @staticmethod
    def search_space(trial: Any, config: Any) -> Any:
        return config


def test_a_config_that_is_not_frozen_is_found() -> None:
    assert failed_checks(HasAMutableConfig) == ["the config is a frozen dataclass of plain values"]


SEARCH_SPACE = "the search space draws configs and keeps what is fixed"


class DrawsTheWrongThing(CoxPH):
    @staticmethod
    def search_space(trial: Any, config: Any) -> Any:
        return dataclasses.asdict(Config())


def test_a_search_space_that_draws_no_config_is_found() -> None:
    assert failed_checks(DrawsTheWrongThing) == [SEARCH_SPACE]


class ForgetsWhatIsFixed(CoxPH):
    @staticmethod
    def search_space(trial: Any, config: Any) -> Any:
        return Config(penalty=trial.suggest_float("penalty", 1e-4, 1e3, log=True))


def test_a_search_space_that_forgets_what_the_user_fixed_is_found() -> None:
    candidate = Candidate(method_card("cox_ph"), ForgetsWhatIsFixed)
    finding = run_check(SEARCH_SPACE, candidate)
    assert finding.problem.startswith("with modality fixed: search_space returned modality='clinical'")
    assert failed_checks(ForgetsWhatIsFixed) == [SEARCH_SPACE]


class DrawsWhatIsNoSetting(CoxPH):
    @staticmethod
    def search_space(trial: Any, config: Any) -> Any:
        return dataclasses.replace(config, penalty=trial.suggest_float("alpha", 1e-4, 1e3, log=True))


def test_a_search_space_that_draws_what_is_no_setting_is_found() -> None:
    finding = run_check(SEARCH_SPACE, Candidate(method_card("cox_ph"), DrawsWhatIsNoSetting))
    assert "draws 'alpha', which is no setting" in finding.problem


class DrawsWhatTheConfigRefuses(CoxPH):
    @staticmethod
    def search_space(trial: Any, config: Any) -> Any:
        return dataclasses.replace(config, penalty=trial.suggest_float("penalty", -1.0, -0.5))


def test_a_search_space_that_draws_what_the_config_refuses_is_found() -> None:
    assert failed_checks(DrawsWhatTheConfigRefuses) == [SEARCH_SPACE]


class AddsARawColumn(CoxPH):
    """Add to the risk what a function of the table and what was learnt of it says; the base of what follows."""

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self._train = train.patients.table()

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk + 1e-2 * self.added(patients.table()), times, whole.survival)

    def added(self, table: Table) -> FloatArray:
        raise NotImplementedError


class ImputesFromThoseItIsAskedFor(AddsARawColumn):
    def added(self, table: Table) -> FloatArray:
        known = table.blanked().frame["age"]
        return known.fillna(known.mean()).fillna(60.0).to_numpy() - 60.0


def test_a_missing_value_that_is_filled_from_the_test_batch_is_found() -> None:
    assert failed_checks(ImputesFromThoseItIsAskedFor) == [
        "a missing value changes the prediction of its patient alone",
        "a column that is constant in training changes nothing",
    ]


class ReadsThePositionOfAnUnseenLevel(AddsARawColumn):
    def added(self, table: Table) -> FloatArray:
        known = set(self._train.frame["sex"].dropna())
        column = table.blanked().frame["sex"]
        levels = list(column.cat.categories)
        return np.array([0.0 if level in known or level != level else 1.0 + levels.index(level) for level in column])


def test_a_level_that_is_read_by_its_position_is_found() -> None:
    assert failed_checks(ReadsThePositionOfAnUnseenLevel) == [
        "an unseen level changes the prediction of its patient alone"
    ]


class KeepsConstantColumns(AddsARawColumn):
    def added(self, table: Table) -> FloatArray:
        ages = self._train.blanked().frame["age"]
        scaled = (table.blanked().frame["age"] - ages.mean()) / (ages.std() or 1.0)
        return scaled.fillna(0.0).to_numpy()


def test_a_constant_column_that_is_kept_is_found() -> None:
    assert failed_checks(KeepsConstantColumns) == ["a column that is constant in training changes nothing"]


class ReadsAbsentPlaces(AddsARawColumn):
    def added(self, table: Table) -> FloatArray:
        known = set(self._train.frame["grade"].dropna())
        return np.array([float(level in known) for level in table.frame["grade"]])


def test_a_place_of_an_absent_modality_that_is_read_is_found() -> None:
    found = failed_checks(ReadsAbsentPlaces)
    assert "what stands in the place of an absent modality changes nothing" in found
    candidate = Candidate(method_card("cox_ph"), ReadsAbsentPlaces)
    problem = run_check("what stands in the place of an absent modality changes nothing", candidate).problem
    assert "in the place of an absent clinical changes predictions" in problem


class FitsOnAbsentPlaces(CoxPH):
    """Sound at prediction; at fit the mean age is taken over whatever stands there."""

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self._shift = float(np.nanmean(train.patients.table().frame["age"]))

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk + self._shift, times, whole.survival)


def test_a_fit_on_absent_places_is_found() -> None:
    assert failed_checks(FitsOnAbsentPlaces) == ["what stands in the place of an absent modality changes nothing"]


class StartsBelowOne(CoxPH):
    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        assert whole.survival is not None
        return Prediction(whole.risk, times, 0.9 * whole.survival)


def test_curves_that_do_not_start_at_1_are_found() -> None:
    title = "predictions have the right shapes, finite risks and valid curves"
    finding = run_check(title, Candidate(method_card("cox_ph"), StartsBelowOne))
    assert "the survival curve is 0.9 at time 0, it must be 1" in finding.problem


class RaisesInALibrary(CoxPH):
    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        np.linalg.inv(np.zeros((2, 2)))


def test_an_error_names_the_last_line_of_the_method_not_of_the_library_that_raised_it() -> None:
    finding = run_check("the same seed gives the same bytes", Candidate(method_card("cox_ph"), RaisesInALibrary))
    line = next(n for n, text in enumerate(Path(__file__).read_text().splitlines(), 1) if "linalg.inv" in text)
    assert finding.problem.startswith("LinAlgError: Singular matrix (")
    assert finding.problem.endswith(f"test_broken_methods.py:{line}, in fit)")


def test_an_invalid_curve_names_the_patient_and_the_line_that_made_it() -> None:
    finding = run_check("the same seed gives the same bytes", Candidate(method_card("cox_ph"), StartsBelowOne))
    assert "ValueError: patient 'patient-" in finding.problem
    assert finding.problem.endswith(", in predict)")
    assert "test_broken_methods.py:" in finding.problem


class CannotBeMade(CoxPH):
    def __init__(self) -> None:
        """Take no config, as no method may."""


def test_an_error_before_any_line_of_the_method_names_none() -> None:
    finding = run_check("the same seed gives the same bytes", Candidate(method_card("cox_ph"), CannotBeMade))
    assert finding.problem.startswith("TypeError: ")
    assert ".py" not in finding.problem
