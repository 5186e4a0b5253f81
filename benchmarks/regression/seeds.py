"""How much chance moves a score: the same cells fitted with other seeds on the same splits."""

import multiprocessing
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.execution.engines.forkserver import cells_forkserver
from benchmarks.execution.fold import fit_and_predict, prepare_fold
from benchmarks.regression.measurement import Measured, Name, by_measure
from benchmarks.scoring.evaluation import evaluate
from benchmarks.types import Cell
from benchmarks.types.score import Scores

FIT_SEEDS = 5

# By measure, one value per fold.
ByFold: TypeAlias = Mapping[str, tuple[float | None, ...]]


def refit(cell: Cell, seed: int) -> dict[str, Scores]:
    """Fit a cell with another seed and score its test part; the split stays that of the cell.

    Returns
    -------
    dict
        Scores by variant and measure.
    """
    with TemporaryDirectory() as workdir:
        fold = prepare_fold(cell, Path(workdir), fit_seed=seed)
        found = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
    train, test = fold.cohort.outcome.take(fold.split.train), fold.cohort[fold.split.test]
    return {
        variant: evaluate(fold.protocol, train, test.outcome, prediction, strata=test.strata)
        for variant, prediction in found.predictions["test"].rows().items()
    }


def scores_by_seed(
    measured: Mapping[Name, Measured], jobs: int, report: Callable[[str], None]
) -> dict[Name, list[ByFold]]:
    """Fit every cell with further seeds until there are ``FIT_SEEDS``, or the second shows that seeds change nothing.

    Parameters
    ----------
    measured : mapping of (dataset, method) to Measured
        What the first seed gave; without problems.
    jobs : int
        Fits side by side.
    report : callable
        Called with a line on what is done.

    Returns
    -------
    dict
        The scores of each seed, the first one's included.
    """
    found: dict[Name, list[ByFold]] = {name: [one.scores] for name, one in measured.items()}
    cells = [cell for one in measured.values() for cell in one.cells]
    with cells_forkserver(cells), ProcessPoolExecutor(jobs, multiprocessing.get_context("forkserver")) as pool:
        for seed in range(1, FIT_SEEDS):
            moved = [name for name in found if seed == 1 or found[name][1] != found[name][0]]
            report(f"fit seed {seed}: {len(moved)} of {len(found)} depend on it" if seed > 1 else "fit seed 1")
            futures = {name: [pool.submit(refit, cell, seed) for cell in measured[name].cells] for name in moved}
            for name, waiting in futures.items():
                found[name].append(by_measure([future.result() for future in waiting]))
    return found


def spread(of_seeds: Sequence[ByFold], measure: str) -> float:
    """Return the sd over seeds of a measure's mean over folds; 0 where it is undefined for a seed."""
    means = [mean_of(scores[measure]) for scores in of_seeds]
    known = [mean for mean in means if mean is not None]
    return statistics.stdev(known) if len(known) > 1 else 0.0


def mean_of(by_fold: Sequence[float | None]) -> float | None:
    """Return the mean over folds, None if the measure is undefined in one."""
    values = list(_known(by_fold))
    return statistics.fmean(values) if len(values) == len(by_fold) else None


def _known(by_fold: Sequence[float | None]) -> Iterator[float]:
    return (value for value in by_fold if value is not None)
