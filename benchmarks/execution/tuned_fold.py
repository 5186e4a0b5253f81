"""A method's settings chosen within its fold, on training and validation patients, before a test patient is seen."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.execution.fold import PreparedFold, checked_prediction
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import VALIDATION_PARTS, stratified_parts
from benchmarks.tuning.objective import objective_values
from benchmarks.tuning.study import Study
from benchmarks.types import Cohort, Context, Split, Tuning, derived_seed


@dataclass(frozen=True, slots=True, eq=False)
class InnerFold:
    """What a trial is trained on, selects on, and is judged on; the last two are one with a single inner fold."""

    train: Cohort
    validation: Cohort
    held_out: Cohort


def tuned(fold: PreparedFold, config: Any, tuning: Tuning, folder: Path) -> PreparedFold:
    """Return a fold whose method has the settings that a study chose; with ``refit`` its parts are merged, too.

    The study is given the rows of the training and the validation part, nothing else of the cohort.

    Parameters
    ----------
    fold : PreparedFold
        With a method that is not fitted.
    config : Config
        The settings of that method: those of the first trial.
    tuning : Tuning
        The study.
    folder : Path
        Where the study is kept; one that was begun there goes on.

    Raises
    ------
    NoTrialError
        If no trial succeeded.
    """
    found = choose(type(fold.method), config, fold.cohort, fold.split, fold.protocol, tuning, folder, fold.context)
    split = fold.split.merge_validation() if tuning.refit else fold.split
    return replace(fold, method=type(fold.method)(found), split=split)  # type: ignore[call-arg]  # 2026-11-26: any class


def choose(
    method_class: Any,
    config: Any,
    cohort: Cohort,
    split: Split,
    protocol: EvaluationProtocol,
    tuning: Tuning,
    folder: Path,
    context: Context,
) -> Any:
    """Return the config that a study chose; see ``tuned``."""
    parts = inner_folds(cohort, split, tuning.folds, context.derived_seed("inner folds"))

    def evaluate(drawn: Any, report: Callable[[int, float], None]) -> tuple[float, ...]:
        def told(epoch: int, value: float) -> None:
            report(epoch, value)
            context.reporter(epoch, value)

        values = []
        for part in parts:
            with tempfile.TemporaryDirectory(dir=context.workdir) as scratch:
                # The seed is that of the untuned fit, in every trial: what differs between trials are the settings.
                own = replace(context, workdir=Path(scratch), reporter=told, seconds={})
                method = method_class(drawn)
                method.fit(part.train, part.validation, own)
            prediction = checked_prediction(method, part.held_out.patients, protocol.times)
            values.append(objective_values(tuning.measures, protocol, part.train.outcome, part.held_out, prediction))
        return tuple(np.mean(values, axis=0).tolist())

    study = Study(method_class, config, tuning, context.derived_seed("study"), folder, context.logger)
    with context.timed("tuning"):
        return study.run(evaluate).config


def inner_folds(cohort: Cohort, split: Split, folds: int, seed: int) -> list[InnerFold]:
    """Return what trials are trained and judged on.

    Parameters
    ----------
    cohort : Cohort
        All patients; those of the test part are not looked at.
    split : Split
        The outer one.
    folds : int
        1: its training and validation part, judged on the second. K: a stratified cross-validation of both together;
        from the rest of each fold a fifth is cut for what methods select on, as in the outer split.
    seed : int
        Of the folds.
    """
    if folds == 1:
        validation = cohort[split.validation]
        return [InnerFold(cohort[split.train], validation, validation)]
    both = cohort[np.sort(np.concatenate([split.train, split.validation]))]
    outcome = both.outcome
    part_of = stratified_parts(outcome.time, outcome.event, folds, seed)
    found = []
    for fold in range(folds):
        rest = np.flatnonzero(part_of != fold)
        inner = stratified_parts(outcome.time[rest], outcome.event[rest], VALIDATION_PARTS, derived_seed(seed, fold))
        found.append(InnerFold(both[rest[inner != 0]], both[rest[inner == 0]], both[np.flatnonzero(part_of == fold)]))
    return found
