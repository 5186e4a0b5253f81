"""Two methods on one dataset: every statement the suite makes about their difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.measures import POOLED, Measure
from benchmarks.protocol.splits import test_to_train
from benchmarks.scoring.design import Design
from benchmarks.scoring.summary import FEWEST_SCORES
from leaderboards.boards.candidates import Candidate
from leaderboards.boards.pooled import pooled_estimates
from leaderboards.statistics import (
    MINIMUM_DATASETS,
    ROPE_OF_BRIER,
    ROPE_OF_CONCORDANCE,
    ROPE_OF_SCALED_BRIER,
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

# Half the width of the region of practical equivalence, by measure of ``POOLED``.
_ROPES = {
    "harrell_c": ROPE_OF_CONCORDANCE,
    "uno_c": ROPE_OF_CONCORDANCE,
    "c_td": ROPE_OF_CONCORDANCE,
    "ibs": ROPE_OF_BRIER,
    "scaled_ibs": ROPE_OF_SCALED_BRIER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
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
        the same difference, so that nothing tells how far to trust it, or if the influence of each patient on the
        measure is not kept.
    pooled : float
        The difference pooled over the folds; the mean over the folds where the influence is not kept.
    methods : Difference or None
        Would the methods differ if fitted anew (corrected resampled t test)? None with fewer than ``FEWEST_SCORES``
        folds, or if all folds differ alike.
    to_decide : RepeatsToDecide or None
        How many repeats of the cross-validation would decide the second question.
    """

    measure: str
    fold_differences: tuple[float, ...]
    fitted: Difference | None
    pooled: float
    methods: Difference | None
    to_decide: RepeatsToDecide | None


@dataclass(frozen=True, slots=True, kw_only=True)
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


def compare_pair(
    design: Design, folds: int, first: Candidate, second: Candidate, measures: Sequence[Measure] = POOLED
) -> list[PairedComparison]:
    """Compare two rows of one dataset in every measure that both have in all folds.

    Parameters
    ----------
    design : Design
        Of the dataset.
    folds : int
        k, of the k-fold split.
    first, second : Candidate
        Complete rows.
    measures : sequence of Measure
        Compared in what; of higher or lower values, not of p-values.

    Raises
    ------
    UsageError
        If the two are the same row, or a difference of a measure does not tell which one is better.
    """
    if first.name == second.name:
        raise UsageError(f"{first.name} and {second.name} are the same row; there is nothing to compare")
    for measure in measures:
        _refuse_without_difference(measure)
    found = (_in_measure(design, folds, first, second, measure) for measure in measures)
    return [comparison for comparison in found if comparison is not None]


def _refuse_without_difference(measure: Measure) -> None:
    """Refuse a measure of which a difference does not tell which method is better.

    Raises
    ------
    UsageError
        If it is a p-value, or best at a value in between.
    """
    if measure.is_p_value or measure.better not in ("higher", "lower"):
        why = "a difference of p-values" if measure.is_p_value else "a difference of it"
        raise UsageError(
            f"--metric {measure.name}: {why} does not tell which method is better; leaderboard --metric "
            f"{measure.name} ranks by it"
        )


def _in_measure(
    design: Design, folds: int, first: Candidate, second: Candidate, measure: Measure
) -> PairedComparison | None:
    """Return the comparison in one measure; None if one of the two does not have it in all folds."""
    if any(_mean(candidate, measure) is None for candidate in (first, second)):
        return None
    one, other = (_fold_values(candidate, measure.name) for candidate in (first, second))
    differences = [one[place] - other[place] for place in sorted(one)]
    mean = float(np.mean(differences))
    pooled, fitted = mean, None
    if measure.pooled_by is not None:
        named = {candidate.name: (candidate.entry, candidate.row.variant) for candidate in (first, second)}
        estimates = pooled_estimates(design, named, measure)
        if len(estimates) < 2:
            return None
        pooled = estimates[first.name].value - estimates[second.name].value
        try:
            fitted = paired_test(estimates[first.name], estimates[second.name])
        except NoSpreadError:
            fitted = None
    ratio = test_to_train(folds, merged=first.entry.cells[0].record.cell.merged)
    enough = len(differences) >= FEWEST_SCORES
    spread = enough and float(standard_error_over_folds(differences, test_to_train=ratio)) > 0
    return PairedComparison(
        measure=measure.name,
        fold_differences=tuple(differences),
        fitted=fitted,
        pooled=pooled,
        methods=corrected_t_test(differences, test_to_train=ratio) if spread else None,
        to_decide=repeats_to_decide(mean, float(np.std(differences, ddof=1)), folds=folds, test_to_train=ratio)
        if spread
        else None,
    )


def compare_across(found: Mapping[str, Sequence[PairedComparison]]) -> list[AcrossDatasets]:
    """Compare over the datasets on which both methods have a measure, where there are at least five."""
    across = []
    for measure in POOLED:
        differences = [row.pooled for rows in found.values() for row in rows if row.measure == measure.name]
        if len(differences) < MINIMUM_DATASETS:
            continue
        rope = _ROPES[measure.name]
        posterior = bayesian_signed_rank_test(differences, rope=rope, random=np.random.default_rng(0))
        across.append(
            AcrossDatasets(
                measure=measure.name,
                differences=tuple(differences),
                signed_rank=signed_rank_test(differences),
                posterior=posterior,
                rope=rope,
            )
        )
    return across


def _mean(candidate: Candidate, measure: Measure) -> float | None:
    average = candidate.row.averages.get(measure.name)
    return None if average is None else average.mean


def _fold_values(candidate: Candidate, measure: str) -> dict[tuple[int, int], float]:
    values = {}
    for cell in candidate.entry.cells:
        if cell.scores is not None:
            score = cell.scores.variants[candidate.row.variant]["test"][measure]
            assert score.value is not None
            values[cell.record.cell.repeat, cell.record.cell.fold] = score.value
    return values
