"""How much chance moves a score: the same cells fitted with other seeds on the same splits."""

import multiprocessing
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.settings import build_method
from benchmarks.execution.fold import fit_and_predict
from benchmarks.execution.isolation import start_forkserver
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import split_of
from benchmarks.regression.measurement import Measured, Name, by_measure
from benchmarks.scoring.evaluation import evaluate
from benchmarks.types import Cell, Context, derived_seed
from benchmarks.types.score import Scores

FIT_SEEDS = 5

# By measure, a value a fold.
ByFold: TypeAlias = Mapping[str, tuple[float | None, ...]]


def refit(cell: Cell, seed: int) -> dict[str, Scores]:
    """Fit a cell with another seed and score its test part; the split stays that of the cell.

    Returns
    -------
    dict
        Scores by variant and measure.
    """
    loaded = load_dataset(cell.dataset, cell.dataset_options, complete_cases=cell.complete_cases)
    split = split_of(cell, loaded.cohort)
    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    test = loaded.cohort[split.test]
    with TemporaryDirectory() as workdir:
        context = Context(
            derived_seed(seed, "fit", cell.dataset, cell.folds, cell.repeat, cell.fold),
            Path(workdir),
            threads=cell.threads,
            device=cell.device,
        )
        found = fit_and_predict(
            build_method(cell), loaded.cohort.only(*cell.modalities), split, protocol.times, context
        )
    train = loaded.cohort.outcome.take(split.train)
    return {
        variant: evaluate(protocol, train, test.outcome, prediction, strata=test.strata)
        for variant, prediction in found.predictions["test"].rows().items()
    }


def scores_by_seed(
    measured: Mapping[Name, Measured], preload: Sequence[str], jobs: int, report: Callable[[str], None]
) -> dict[Name, list[ByFold]]:
    """Fit every cell with further seeds until there are ``FIT_SEEDS``, or the second shows that seeds change nothing.

    Parameters
    ----------
    measured : mapping of (dataset, method) to Measured
        What the first seed gave; without problems.
    preload : sequence of str
        Modules to import once.
    jobs : int
        Fits side by side.
    report : callable
        Hears what is done.

    Returns
    -------
    dict
        The scores of each seed, the first one's included.
    """
    found: dict[Name, list[ByFold]] = {name: [one.scores] for name, one in measured.items()}
    start_forkserver(1, preload)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("forkserver")) as pool:
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
