"""A draw changes what the method draws and the user did not fix, and nothing else."""

from dataclasses import dataclass, replace
from typing import Any

import optuna
import pytest

from benchmarks.errors import UsageError
from benchmarks.tuning.drawing import SearchSpaceError, draw
from methods.cox_ph.method import Config as CoxConfig
from methods.cox_ph.method import CoxPH


@dataclass(frozen=True, slots=True)
class Config:
    depth: int | None = 3
    rate: float = 0.1
    rule: str = "sqrt"
    flag: bool = False


class Trees:
    config_type = Config

    @staticmethod
    def search_space(trial: Any, config: Config) -> Any:
        rule = trial.suggest_categorical("rule", ["log2", "all"])
        if rule == "log2":
            config = replace(config, rate=trial.suggest_float("rate", 0.2, 0.3))
        return replace(config, rule=rule, depth=trial.suggest_int("depth", 5, 9))


@pytest.fixture
def trial() -> optuna.trial.Trial:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()


def test_what_is_drawn_changes_and_the_rest_stays(trial: optuna.trial.Trial) -> None:
    drawn = draw(Trees, trial, Config(flag=True), fixed=())
    assert drawn.depth in range(5, 10)
    assert drawn.rule in ("log2", "all")
    assert drawn.flag


def test_a_setting_the_method_does_not_draw_stays_as_the_user_set_it(trial: optuna.trial.Trial) -> None:
    drawn = draw(CoxPH, trial, CoxConfig(modality="rna"), fixed=("modality",))
    assert drawn.modality == "rna"
    assert drawn.penalty != CoxConfig().penalty


def test_a_fixed_setting_keeps_its_value_and_is_not_drawn(trial: optuna.trial.Trial) -> None:
    drawn = draw(Trees, trial, Config(depth=None, rule="sqrt"), fixed=("depth", "rule"))
    assert (drawn.depth, drawn.rule, drawn.rate) == (None, "sqrt", 0.1)
    assert trial.params == {}


def test_a_fixed_setting_decides_what_else_is_drawn(trial: optuna.trial.Trial) -> None:
    drawn = draw(Trees, trial, Config(rule="log2"), fixed=("rule",))
    assert 0.2 <= drawn.rate <= 0.3
    assert set(trial.params) == {"rate", "depth"}


def test_an_unknown_fixed_setting_is_refused(trial: optuna.trial.Trial) -> None:
    with pytest.raises(UsageError, match="Trees has no setting 'dept' to fix; did you mean depth"):
        draw(Trees, trial, Config(), fixed=("dept",))


class DrawsNoSetting(Trees):
    @staticmethod
    def search_space(trial: Any, config: Config) -> Any:
        return replace(config, depth=trial.suggest_int("max_depth", 1, 9))


class StartsFromTheDefaults(Trees):
    @staticmethod
    def search_space(trial: Any, config: Config) -> Any:
        return Config(depth=trial.suggest_int("depth", 5, 9))


class ReturnsAnotherValue(Trees):
    @staticmethod
    def search_space(trial: Any, config: Config) -> Any:
        return replace(config, depth=10 * trial.suggest_int("depth", 5, 9))


class ReturnsADict(Trees):
    @staticmethod
    def search_space(trial: Any, config: Config) -> Any:
        return {"depth": trial.suggest_int("depth", 5, 9)}


@pytest.mark.parametrize(
    ("method_class", "message"),
    [
        (DrawsNoSetting, "draws 'max_depth', which is no setting; did you mean depth"),
        (StartsFromTheDefaults, "returned flag=False, but it was not drawn and is True"),
        (ReturnsAnotherValue, "returned depth=.0, but it was drawn as"),
        (ReturnsADict, "returned dict, not Config"),
    ],
)
def test_a_search_space_that_breaks_the_rules_is_named(
    trial: optuna.trial.Trial, method_class: Any, message: str
) -> None:
    with pytest.raises(SearchSpaceError, match=message):
        draw(method_class, trial, Config(flag=True), fixed=())
