"""A study: what it tries, what it keeps, what it chooses, and that an interruption changes nothing of it."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from benchmarks.tuning.drawing import SearchSpaceError
from benchmarks.tuning.study import JOURNAL, NoTrialError, Study, best_of
from benchmarks.tuning.trials import SECONDS, TRIALS, TrialResult
from benchmarks.types import Tuning


@dataclass(frozen=True, slots=True)
class Config:
    rate: float = 5.0
    depth: int = 3
    rule: str = "own"


class Trees:
    config_type = Config

    @staticmethod
    def search_space(trial: Any, config: Config) -> Config:
        return replace(
            config,
            rate=trial.suggest_float("rate", 1e-3, 1.0, log=True),
            depth=trial.suggest_int("depth", 1, 6),
            rule=trial.suggest_categorical("rule", ["sqrt", "all"]),
        )


Evaluate = Callable[[Config, Callable[[int, float], None]], tuple[float, ...]]


def quality(config: Config, _report: Any) -> tuple[float, ...]:
    """Return a C with its best at rate 0.1, depth 4."""
    return (0.8 - 0.05 * abs(math.log10(config.rate) + 1) - 0.02 * abs(config.depth - 4),)


def study(folder: Path, tuning: Tuning | None = None, method: Any = Trees, config: Any = None) -> Study:
    return Study(method, config or Config(), tuning or Tuning(trials=12), 7, folder, logging.getLogger("test"))


def test_the_first_trial_is_what_was_given_though_the_space_could_not_draw_it(tmp_path: Path) -> None:
    seen: list[Config] = []

    def evaluate(config: Config, report: Any) -> tuple[float, ...]:
        seen.append(config)
        return quality(config, report)

    found = study(tmp_path)
    found.run(evaluate)
    assert seen[0] == Config()
    assert [trial.number for trial in found.trials] == list(range(12))
    # Of the first, Optuna learns what lies within the space: neither the rate of 5 nor the rule does.
    assert found.trials[0].settings == {"depth": 3}
    assert all(set(trial.settings) == {"rate", "depth", "rule"} for trial in found.trials[1:])


def test_the_best_is_chosen_and_the_given_settings_win_a_tie(tmp_path: Path) -> None:
    found = study(tmp_path / "a")
    chosen = found.run(quality)
    best = max(trial.values for trial in found.trials)
    assert quality(chosen.config, None) == best == chosen.trial.values
    assert study(tmp_path / "b").run(lambda _config, _report: (0.6,)).config == Config()


def test_less_is_better_for_the_brier_score(tmp_path: Path) -> None:
    found = study(tmp_path, Tuning(trials=6, objective="ibs"))
    chosen = found.run(lambda config, _report: (config.depth / 10,))
    assert chosen.config.depth == min(int(trial.values[0] * 10) for trial in found.trials)


class Interrupted(BaseException):
    """Ends a process, as a kill does."""


@pytest.mark.parametrize("after", [0, 1, 2, 7, 11])
@pytest.mark.parametrize("objective", ["c_td", "c_td+ibs"])
def test_an_interrupted_study_goes_on_with_the_same_trials(tmp_path: Path, after: int, objective: Any) -> None:
    tuning = Tuning(trials=12, objective=objective)

    def evaluate(config: Config, report: Any) -> tuple[float, ...]:
        values = quality(config, report)
        return values if objective == "c_td" else (*values, config.depth / 10)

    whole = study(tmp_path / "whole", tuning).run(evaluate)
    left = after

    def interrupted(config: Config, report: Any) -> tuple[float, ...]:
        nonlocal left
        if left == 0:
            raise Interrupted
        left -= 1
        return evaluate(config, report)

    with pytest.raises(Interrupted):
        study(tmp_path / "parts", tuning).run(interrupted)
    assert study(tmp_path / "parts", tuning).run(evaluate).config == whole.config
    assert (tmp_path / "parts" / TRIALS).read_bytes() == (tmp_path / "whole" / TRIALS).read_bytes()


@pytest.mark.parametrize("cut", [TRIALS, SECONDS])
@pytest.mark.parametrize("damage", [lambda text: text[:-30], lambda text: text + '{"number": 9', lambda _: "", None])
def test_a_file_cut_by_a_kill_is_read_to_the_last_whole_trial(tmp_path: Path, cut: str, damage: Any) -> None:
    study(tmp_path / "whole").run(quality)
    study(tmp_path / "cut", Tuning(trials=5)).run(quality)
    path = tmp_path / "cut" / cut
    if damage is None:
        path.unlink()
    else:
        path.write_text(damage(path.read_text()))
    # The journal may be cut, too: it is made anew.
    (tmp_path / "cut" / JOURNAL).write_text('{"op_code": 0, "worker')
    study(tmp_path / "cut").run(quality)
    assert (tmp_path / "cut" / TRIALS).read_bytes() == (tmp_path / "whole" / TRIALS).read_bytes()


def test_what_fails_is_kept_with_its_cause_and_the_study_goes_on(tmp_path: Path) -> None:
    def evaluate(config: Config, report: Any) -> tuple[float, ...]:
        if config.depth == 1:
            raise ValueError("no tree\nof depth 1")
        if config.depth == 2:
            raise MemoryError
        if config.depth == 5:
            return (float("nan"),)
        if config.depth == 6:
            time.sleep(30)
        return quality(config, report)

    found = study(tmp_path, Tuning(trials=40, trial_seconds=0.05))
    chosen = found.run(evaluate)
    told = {trial.settings["depth"]: (trial.state, trial.cause) for trial in found.trials}
    assert told[1] == ("failed", "ValueError: no tree of depth 1")
    assert told[2] == ("failed", "MemoryError")
    assert told[5] == ("failed", "the objective is nan")
    assert told[6] == ("timeout", "time limit of 0.05 s passed")
    assert told[3] == told[4] == ("complete", "")
    assert chosen.config.depth in (3, 4)


def test_if_all_fail_the_reasons_are_told(tmp_path: Path) -> None:
    def evaluate(config: Config, _report: Any) -> tuple[float, ...]:
        raise ValueError("too deep" if config.depth > 3 else "too shallow")

    with pytest.raises(NoTrialError, match=r"^none of 12 trials succeeded: ValueError: too .*; ValueError: too "):
        study(tmp_path).run(evaluate)


def test_a_broken_search_space_is_no_failed_trial(tmp_path: Path) -> None:
    class Broken(Trees):
        @staticmethod
        def search_space(trial: Any, config: Config) -> Config:
            return replace(config, depth=trial.suggest_int("depth", 1, 6) + 1)

    with pytest.raises(SearchSpaceError):
        study(tmp_path, method=Broken).run(quality)


def test_what_the_user_fixed_is_not_drawn(tmp_path: Path) -> None:
    found = study(tmp_path, Tuning(trials=5, fixed=("rate", "rule")))
    found.run(quality)
    assert all(set(trial.settings) == {"depth"} for trial in found.trials)


def test_the_median_pruner_stops_what_does_worse_than_the_others(tmp_path: Path) -> None:
    stopped_at: list[int] = []

    def evaluate(config: Config, report: Any) -> tuple[float, ...]:
        epoch = 0
        try:
            for epoch in range(1, 31):
                report(epoch, float(config.depth))
            for again in range(1, 31):  # a second network
                report(again, 1e9)
        finally:
            stopped_at.append(epoch)
        return quality(config, report)

    found = study(tmp_path, Tuning(trials=20, pruner="median"))
    found.run(evaluate)
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert pruned
    for trial in pruned:
        # Trial 0 reports nothing: it is never stopped.
        before = [other for other in found.trials[1 : trial.number] if other.state == "complete"]
        assert len(before) >= 4
        assert trial.cause.startswith("its validation loss at epoch ")
        assert trial.settings["depth"] > np.median([other.settings["depth"] for other in before])
    assert all(epoch >= 10 for epoch in stopped_at)


def test_time_is_a_budget_and_counts_what_was_spent_before(tmp_path: Path) -> None:
    def slow(config: Config, report: Any) -> tuple[float, ...]:
        time.sleep(0.02)
        return quality(config, report)

    found = study(tmp_path, Tuning(seconds=0.2))
    found.run(slow)
    assert 2 <= len(found.trials) <= 10
    again = study(tmp_path, Tuning(seconds=0.2))
    again.run(slow)
    assert list(again.trials) == list(found.trials)


def test_optuna_opens_the_journal(tmp_path: Path) -> None:
    found = study(tmp_path)
    found.run(quality)
    (summary,) = optuna.get_all_study_summaries(JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL))))
    opened = optuna.load_study(
        study_name=summary.study_name, storage=JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL)))
    )
    assert [trial.values for trial in opened.trials] == [list(trial.values) for trial in found.trials]
    assert opened.best_value == max(trial.values[0] for trial in found.trials)


def test_of_several_measures_the_front_is_taken_then_the_lowest_sum_of_ranks() -> None:
    up_down = ["maximize", "minimize"]
    # The second beats the first in both; the third has the better C, the fourth the better Brier score.
    assert best_of([(0.60, 0.20), (0.65, 0.18), (0.70, 0.30), (0.50, 0.10)], up_down) == 1
    assert best_of([(0.6,), (0.7,), (0.7,)], ["maximize"]) == 1
    assert best_of([(0.3,), (0.2,)], ["minimize"]) == 1
    assert best_of([(0.6, 0.2), (0.6, 0.2)], up_down) == 0


def test_a_line_holds_a_trial() -> None:
    trial = TrialResult(number=3, state="pruned", settings={"a": 0.1, "b": None}, cause="x", reported=((1, 0.5),))
    assert TrialResult.of_line(trial.as_line()) == trial
