"""A study: settings are proposed by Optuna, judged, and the best are chosen; begun again, it goes on where it was."""

import json
import logging
import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from benchmarks.atomic_write import write_atomically
from benchmarks.protocol.measures import measure_named
from benchmarks.tuning.drawing import SearchSpaceError, draw
from benchmarks.tuning.given_trial import GivenTrial
from benchmarks.tuning.trial_limits import PrunedError, TrialTimeoutError, time_limit
from benchmarks.tuning.trials import CHOSEN, JOURNAL, TrialLog, TrialResult
from benchmarks.types import FloatArray, Tuning, derived_seed

# Trials before the median of the others is asked, and epochs of each before it may be stopped.
PRUNER_TRIALS, PRUNER_EPOCHS = 5, 10

# Fits with a config and returns the values of the objective; it reports (epoch, validation loss) to the function.
Evaluate = Callable[[Any, Callable[[int, float], None]], tuple[float, ...]]

_STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "timeout": TrialState.FAIL,
}


class NoTrialError(RuntimeError):
    """No trial of a study succeeded; the message says why they failed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings that a study chose.

    Parameters
    ----------
    config : Config
        Of the method.
    trial : TrialResult
        The trial that had them.
    """

    config: Any
    trial: TrialResult


class Study:
    """The study of one cell.

    Parameters
    ----------
    method_class : type
        With ``search_space``.
    config : Config
        The settings that were given: those of trial 0.
    tuning : Tuning
        Budget, objective, sampler.
    seed : int
        Each trial has a sampler of its own, seeded by this and its number: what a trial proposes hangs on the trials
        before it alone, so that a study which was interrupted makes the same trials as one which was not.
    folder : Path
        Where the study is kept.
    logger : Logger
        Told of every trial.
    """

    def __init__(
        self, method_class: Any, config: Any, tuning: Tuning, seed: int, folder: Path, logger: logging.Logger
    ) -> None:
        self._method_class = method_class
        self._config = config
        self._tuning = tuning
        self._seed = seed
        self._log = TrialLog(folder)
        self._logger = logger
        better = [measure_named(name).higher_is_better for name in tuning.measures]
        self._directions: list[Literal["maximize", "minimize"]] = ["maximize" if up else "minimize" for up in better]
        # Optuna's pruner takes what is reported for the objective: where more of that is better, losses are negated.
        self._sign = -1.0 if better[0] else 1.0
        self._study = self._journalled(folder / JOURNAL)

    @property
    def trials(self) -> Sequence[TrialResult]:
        """All trials so far."""
        return self._log.trials

    def run(self, evaluate: Evaluate) -> Chosen:
        """Make the trials that are missing and return the best settings.

        A trial that fails, is out of time or has no finite value is kept with its cause, and the study goes on.

        Raises
        ------
        NoTrialError
            If none succeeded.
        SearchSpaceError
            If the method's search space breaks its contract.
        """
        while self._goes_on():
            self._make_trial(evaluate)
        chosen = self._best()
        write_atomically(
            self._log.folder / CHOSEN,
            json.dumps(
                {"chosen": chosen.trial.number, "settings": chosen.trial.settings, "tuning": self._tuning.as_mapping()},
                sort_keys=True,
                indent=1,
            ).encode(),
        )
        return chosen

    def _goes_on(self) -> bool:
        enough = self._tuning.trials and len(self.trials) >= self._tuning.trials
        # The first trial is made however little time there is: without it there is nothing to choose.
        late = self._tuning.seconds and self.trials and sum(self._log.seconds) >= self._tuning.seconds
        return not (enough or late)

    def _make_trial(self, evaluate: Evaluate) -> None:
        number, start = len(self.trials), time.perf_counter()
        reported: list[tuple[int, float]] = []
        pruned = self._tuning.pruner == "median"
        trial: Any = GivenTrial(self._config)
        if number:
            self._study.sampler = optuna.samplers.TPESampler(seed=derived_seed(self._seed, "trial", number))
            trial = self._study.ask()

        def report(epoch: int, value: float) -> None:
            # Of several networks of one fit the first is looked at: the epochs of the others begin anew.
            if number and pruned and (not reported or epoch > reported[-1][0]):
                reported.append((epoch, value))
                trial.report(self._sign * value, epoch)
                if trial.should_prune():
                    raise PrunedError(f"its validation loss at epoch {epoch} is above the median")

        values: tuple[float, ...] = ()
        state, cause = "complete", ""
        try:
            config = draw(self._method_class, trial, self._config, self._tuning.fixed)
            with time_limit(self._tuning.trial_seconds):
                values = evaluate(config, report)
            if not all(math.isfinite(value) for value in values):
                values, state, cause = (), "failed", f"the objective is {', '.join(map(str, values))}"
        except SearchSpaceError:
            raise
        except PrunedError as error:
            state, cause = "pruned", str(error)
        except TrialTimeoutError as error:
            state, cause = "timeout", str(error)
        except Exception as error:  # a failed trial is a line, and the study goes on
            state, cause = "failed", _one_line(error)
            self._logger.info("trial %d failed", number, exc_info=True)
        result = TrialResult(
            number=number,
            state=state,  # type: ignore[arg-type]  # 2026-11-26: one of the four above
            settings=dict(trial.params),
            values=values,
            cause=cause,
            reported=tuple(reported),
        )
        if number:
            self._study.tell(trial, values or None, state=_STATES[state])
        else:
            self._study.add_trial(_frozen(result, trial.distributions, self._sign))
        self._log.add(result, time.perf_counter() - start)
        self._tell(result)

    def _best(self) -> Chosen:
        complete = [trial for trial in self.trials if trial.state == "complete"]
        if not complete:
            causes = list(dict.fromkeys(trial.cause for trial in self.trials))
            raise NoTrialError(f"none of {len(self.trials)} trials succeeded: {'; '.join(causes)}")
        best = complete[best_of([trial.values for trial in complete], self._directions)]
        # Trial 0 is the config as it was given, also where its settings lie outside of the search space.
        settings = {} if best.number == 0 else best.settings
        return Chosen(replace(self._config, **settings), best)

    def _journalled(self, path: Path) -> optuna.Study:
        """Return Optuna's study with the trials that there are, in a journal made anew: a kill may have cut the old."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        path.unlink(missing_ok=True)
        one = len(self._directions) == 1 and self._tuning.pruner == "median"
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(path))),
            study_name="study",
            directions=self._directions,
            pruner=optuna.pruners.MedianPruner(PRUNER_TRIALS, PRUNER_EPOCHS) if one else optuna.pruners.NopPruner(),
        )
        with warnings.catch_warnings():
            # 2026-11-26: names of the measures, for the dashboard, are an experimental feature of Optuna 5.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.set_metric_names(list(self._tuning.measures))
        for trial in self.trials:
            study.add_trial(_frozen(trial, self._distributions(trial), self._sign))
        return study

    def _distributions(self, trial: TrialResult) -> dict[str, BaseDistribution]:
        """Return what the settings of a kept trial were drawn from: the search space is asked once more."""
        given = GivenTrial(replace(self._config, **(trial.settings if trial.number else {})))
        draw(self._method_class, given, given.config, self._tuning.fixed)
        return {name: distribution for name, distribution in given.distributions.items() if name in trial.settings}

    def _tell(self, trial: TrialResult) -> None:
        told = ", ".join(
            f"{name} {value:.4f}" for name, value in zip(self._tuning.measures, trial.values, strict=False)
        )
        seconds = self._log.seconds
        left = ""
        if self._tuning.trials:
            minutes = (self._tuning.trials - len(seconds)) * sum(seconds) / len(seconds) / 60
            left = f", about {minutes:.1f} min left"
        self._logger.info("trial %d of %s: %s%s", trial.number, self._tuning.budget, told or trial.cause, left)


def best_of(values: Sequence[tuple[float, ...]], directions: Sequence[str]) -> int:
    """Return the place of the best of n trials, the first of equal ones.

    With one value it is the best one. With several it is, of the trials that no other one beats in all of them, that
    with the lowest sum of ranks.
    """
    losses: FloatArray = np.array(values, dtype=np.float64)
    losses *= [-1.0 if direction == "maximize" else 1.0 for direction in directions]
    ranks = (losses[:, None] > losses[None]).sum(axis=(1, 2))
    no_worse, better = losses[None] <= losses[:, None], losses[None] < losses[:, None]
    beaten = np.any(np.all(no_worse, axis=2) & np.any(better, axis=2), axis=1)
    return int(np.flatnonzero(~beaten)[np.argmin(ranks[~beaten])])


def _frozen(trial: TrialResult, distributions: dict[str, BaseDistribution], sign: float) -> optuna.trial.FrozenTrial:
    """Return a trial as Optuna keeps it; of the given settings those that the search space could have drawn."""
    return optuna.trial.create_trial(
        state=_STATES[trial.state],
        params={name: trial.settings[name] for name in distributions},
        distributions=distributions,
        values=list(trial.values) or None,
        intermediate_values={epoch: sign * value for epoch, value in trial.reported},
        user_attrs={"cause": trial.cause} if trial.cause else None,
    )


def _one_line(error: Exception) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}"[:500] if text else type(error).__name__
