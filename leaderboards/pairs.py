"""Two methods on one dataset: every statement the suite makes about their difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.splits import test_to_train
from benchmarks.store import Store
from benchmarks.types import Record
from leaderboards.effects import POOLED_MEASURES, pooled_estimates
from leaderboards.statistics import Difference, RepeatsToDecide, corrected_t_test, paired_test, repeats_to_decide
from leaderboards.stored import ScoredCell


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """The first method less the second in one measure on one dataset.

    Parameters
    ----------
    measure : str
        Name of the measure.
    fold_differences : tuple of float
        Difference in each fold, repeats one after the other.
    fitted : Difference
        Do the models fitted here differ on patients like these (pooled influence test)?
    methods : Difference or None
        Would the methods differ if fitted anew (corrected resampled t test)? None with fewer than two folds, or if
        all folds differ alike.
    to_decide : RepeatsToDecide or None
        How many repeats of the cross-validation would decide the second question.
    """

    measure: str
    fold_differences: tuple[float, ...]
    fitted: Difference
    methods: Difference | None
    to_decide: RepeatsToDecide | None


def compare_pair(
    store: Store, cells: Sequence[ScoredCell], first: tuple[str, str], second: tuple[str, str]
) -> list[PairedComparison]:
    """Compare two (method, variant) on the cells of one dataset, in every measure with effects of patients.

    Raises
    ------
    UsageError
        If a method is not complete, or the two were not tested on the same folds.
    """
    chosen: Mapping[tuple[str, str], list[Record]] = {
        name: [c.record for c in cells if c.record.cell.method == name[0] and c.record.status == "ok"]
        for name in (first, second)
    }
    folds = cells[0].record.cell.folds
    comparisons = []
    for measure in POOLED_MEASURES:
        pooled = pooled_estimates(store, chosen, measure)
        if first not in pooled or second not in pooled:
            continue
        differences = _fold_differences(cells, first, second, measure)
        spread = len(differences) > 1 and float(np.std(differences)) > 0
        ratio = test_to_train(folds)
        comparisons.append(
            PairedComparison(
                measure,
                tuple(differences),
                paired_test(pooled[first], pooled[second]),
                corrected_t_test(differences, test_to_train=ratio) if spread else None,
                repeats_to_decide(
                    float(np.mean(differences)), float(np.std(differences, ddof=1)), folds=folds, test_to_train=ratio
                )
                if spread
                else None,
            )
        )
    return comparisons


def _fold_differences(
    cells: Sequence[ScoredCell], first: tuple[str, str], second: tuple[str, str], measure: str
) -> list[float]:
    values: dict[tuple[str, str], dict[tuple[int, int], float]] = {first: {}, second: {}}
    for cell in cells:
        for name in (first, second):
            if cell.record.cell.method == name[0] and cell.scores is not None:
                place = cell.record.cell.repeat, cell.record.cell.fold
                values[name][place] = cell.scores["variants"][name[1]]["test"][measure]["value"]
    return [values[first][place] - values[second][place] for place in sorted(values[first])]
