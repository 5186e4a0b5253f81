"""The figure of a study: curves that never fall, shares that add up, and words where nothing can be said."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.image
import pytest

from benchmarks.reports.tuning_figure import best_so_far, draw_tuning, importance
from benchmarks.tuning.study import Study
from benchmarks.tuning.trials import TrialResult
from benchmarks.types import Tuning


@dataclass(frozen=True, slots=True)
class Config:
    says: float = 0.5
    nothing: float = 0.5


class Method:
    config_type = Config

    @staticmethod
    def search_space(trial: Any, config: Config) -> Config:
        return replace(
            config, says=trial.suggest_float("says", 0.0, 1.0), nothing=trial.suggest_float("nothing", 0.0, 1.0)
        )


def studied(folder: Path, trials: int, seed: int = 0) -> Path:
    study = Study(Method, Config(), Tuning(trials=trials), seed, folder, logging.getLogger("test"))
    study.run(lambda config, _report: (0.5 + 0.2 * config.says,))
    return folder


def test_a_setting_that_decides_explains_the_variance(tmp_path: Path) -> None:
    shares = importance(studied(tmp_path, 20))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["says"] > 0.9
    assert importance(tmp_path) == shares


def test_too_few_trials_have_no_importance(tmp_path: Path) -> None:
    assert importance(studied(tmp_path, 4)) == {}


def test_the_best_so_far() -> None:
    def trial(number: int, *values: float) -> TrialResult:
        return TrialResult(number=number, state="complete" if values else "failed", settings={}, values=values)

    trials = [trial(0), trial(1, 0.6), trial(2, 0.5), trial(3), trial(4, 0.7)]
    assert best_so_far(trials, higher=True) == ([1, 2, 3, 4], [0.6, 0.6, 0.6, 0.7])
    assert best_so_far(trials, higher=False) == ([1, 2, 3, 4], [0.6, 0.5, 0.5, 0.5])


def test_a_figure_of_two_folds(tmp_path: Path) -> None:
    folders = {f"fold {fold}": studied(tmp_path / str(fold), trials, fold) for fold, trials in enumerate((8, 3))}
    path = draw_tuning(folders, Tuning(trials=8), "a method on a dataset", tmp_path)
    assert path == tmp_path / "tuning.png"
    assert matplotlib.image.imread(path).std() > 0
