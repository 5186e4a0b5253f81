"""Two methods on one dataset: every statement the suite makes about their difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.measures import POOLED
from benchmarks.protocol.splits import test_to_train
from leaderboards.boards.gains import Candidate
from leaderboards.boards.pooled import Design, pooled_estimates
from leaderboards.statistics import (
    MINIMUM_DATASETS,
    ROPE_OF_BRIER,
    ROPE_OF_CONCORDANCE,
    BayesianSignedRank,
    Difference,
    NoSpreadError,
    RepeatsToDecide,
    SignedRankTest,
    bayesian_signed_rank_test,
    corrected_t_test,
    paired_test,
    repeats_to_decide,
    signed_rank_test,
)
from metrics import standard_error_over_folds


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """The first method less the second in one measure on one dataset.

    Parameters
    ----------
    measure : str
        Name of the measure.
    fold_differences : tuple of float
        Difference in each fold, repeats one after the other.
    fitted : Difference or None
        Do the models fitted here differ on patients like these (pooled influence test)? None if every patient makes
        the same difference, so that nothing tells how far to trust it.
    pooled : float
        The difference pooled over the folds.
    methods : Difference or None
        Would the methods differ if fitted anew (corrected resampled t test)? None with fewer than two folds, or if
        all folds differ alike.
    to_decide : RepeatsToDecide or None
        How many repeats of the cross-validation would decide the second question.
    """

    measure: str
    fold_differences: tuple[float, ...]
    fitted: Difference | None
    pooled: float
    methods: Difference | None
    to_decide: RepeatsToDecide | None


@dataclass(frozen=True, slots=True)
class AcrossDatasets:
    """The first method less the second in one measure over several datasets.

    Parameters
    ----------
    measure : str
        Name of the measure.
    differences : tuple of float
        Pooled difference on each dataset.
    signed_rank : SignedRankTest
        Wilcoxon's.
    posterior : BayesianSignedRank
        Probabilities that the differences lie mostly below, within and above the region of practical equivalence.
    rope : float
        Half the width of that region.
    """

    measure: str
    differences: tuple[float, ...]
    signed_rank: SignedRankTest
    posterior: BayesianSignedRank
    rope: float


def find_row(candidates: Sequence[Candidate], name: str) -> Candidate | None:
    """Return the row of a board called ``name``; ``method/variant`` stands for ``method (variant)``."""
    method, _, variant = name.partition("/")
    wanted = (name, f"{method} ({variant})" if variant else name)
    return next((candidate for candidate in candidates if candidate.name in wanted), None)


def compare_pair(design: Design, folds: int, first: Candidate, second: Candidate) -> list[PairedComparison]:
    """Compare two rows of one dataset in every measure with influence of patients that both have.

    Parameters
    ----------
    design : Design
        Of the dataset.
    folds : int
        k, of the k-fold split.
    first, second : Candidate
        Complete rows.

    Raises
    ------
    UsageError
        If the two are the same row.
    """
    if first.name == second.name:
        raise UsageError(f"{first.name} and {second.name} are the same row; there is nothing to compare")
    named = {candidate.name: (candidate.entry, candidate.row.variant) for candidate in (first, second)}
    comparisons = []
    for measure in POOLED:
        pooled = pooled_estimates(design, named, measure)
        if len(pooled) < 2:
            continue
        one, other = pooled[first.name], pooled[second.name]
        differences = _fold_differences(first, second, measure.name)
        ratio = test_to_train(folds)
        spread = len(differences) > 1 and float(standard_error_over_folds(differences, test_to_train=ratio)) > 0
        try:
            fitted = paired_test(one, other)
        except NoSpreadError:
            fitted = None
        comparisons.append(
            PairedComparison(
                measure.name,
                tuple(differences),
                fitted,
                one.value - other.value,
                corrected_t_test(differences, test_to_train=ratio) if spread else None,
                repeats_to_decide(
                    float(np.mean(differences)), float(np.std(differences, ddof=1)), folds=folds, test_to_train=ratio
                )
                if spread
                else None,
            )
        )
    return comparisons


def compare_across(found: Mapping[str, Sequence[PairedComparison]]) -> list[AcrossDatasets]:
    """Compare over the datasets on which both methods have a measure, where there are at least five."""
    across = []
    for measure in POOLED:
        differences = [row.pooled for rows in found.values() for row in rows if row.measure == measure.name]
        if len(differences) < MINIMUM_DATASETS:
            continue
        rope = ROPE_OF_CONCORDANCE if measure.pooled_by == "pairs" else ROPE_OF_BRIER
        posterior = bayesian_signed_rank_test(differences, rope=rope, random=np.random.default_rng(0))
        across.append(AcrossDatasets(measure.name, tuple(differences), signed_rank_test(differences), posterior, rope))
    return across


def _fold_differences(first: Candidate, second: Candidate, measure: str) -> list[float]:
    one, other = (_fold_values(candidate, measure) for candidate in (first, second))
    return [one[place] - other[place] for place in sorted(one)]


def _fold_values(candidate: Candidate, measure: str) -> dict[tuple[int, int], float]:
    values = {}
    for cell in candidate.entry.cells:
        if cell.influence is not None:
            place = cell.record.cell.repeat, cell.record.cell.fold
            values[place] = cell.influence.of[candidate.row.variant, measure].value
    return values
