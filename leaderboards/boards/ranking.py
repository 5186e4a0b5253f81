"""The order of a board: by pooled estimates where pairs can be tested, by means over the folds elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.protocol.measures import Measure
from benchmarks.scoring.design import Design
from leaderboards.boards.candidates import Candidate
from leaderboards.boards.pooled import pooled_estimates
from leaderboards.statistics import PooledEstimate, group_letters, paired_tests, tie_groups

SEPARATION_LEVEL = 0.05

NOT_TESTED = (
    "pairs are not tested: the influence of each patient on this measure is not kept, so that a rank does not say "
    "whether two methods differ"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Rows of a board by the measure, best first.

    Parameters
    ----------
    values : mapping of str to float
        Name of a row to its value, best first, controls last; rows without the measure are not in it. Pooled over the
        folds where pairs can be tested, else the mean over the folds (of a p-value, the share of folds that do not
        reject).
    ranks : mapping of str to int
        1 is best; controls have none; where pairs are not tested, equal values share the smaller rank.
    letters : mapping of str to str
        Rows that share a letter are not separated; empty texts where pairs are not tested. Controls have none.
    pooled : mapping of str to PooledEstimate
        What pairs are tested by; empty where they are not.
    """

    values: Mapping[str, float]
    ranks: Mapping[str, int]
    letters: Mapping[str, str]
    pooled: Mapping[str, PooledEstimate]


def rank_rows(design: Design, rows: Mapping[str, Candidate], measure: Measure) -> Ranking:
    """Rank the rows that have the measure in all folds.

    Two rows are separated if the p-value of the paired influence test on pooled out-of-fold predictions, adjusted for
    all pairs together, is below 0.05; without influence of patients no pair is tested. Controls (rows with a shuffled
    modality) have a value and no rank: which of them were run changes nothing of what is said of the methods.

    Parameters
    ----------
    design : Design
        Who was trained on and tested in each fold.
    rows : mapping of str to Candidate
        By name.
    measure : Measure
        Ranked by what.
    """
    means = {
        name: row.row.averages[measure.name].mean for name, row in rows.items() if measure.name in row.row.averages
    }
    found = {name: mean for name, mean in means.items() if mean is not None}
    pooled: dict[str, PooledEstimate] = {}
    if measure.pooled_by is not None:
        pooled = pooled_estimates(design, {name: (rows[name].entry, rows[name].row.variant) for name in found}, measure)
        found = {name: estimate.value for name, estimate in pooled.items()}
    # Equal values stand in the order of their names, whatever the order of the cells.
    best_first = sorted(found, key=lambda name: (measure.as_loss(found[name]), name))
    order = [name for name in best_first if not rows[name].entry.shuffled]
    controls = [name for name in best_first if rows[name].entry.shuffled]
    letters = [""] * len(order)
    ranks = list(range(1, len(order) + 1))
    if pooled:
        letters = letters_of([pooled[name] for name in order])
    else:
        # No letter would say that they are equal, as shares of a few folds often are.
        losses = [measure.as_loss(found[name]) for name in order]
        ranks = [1 + losses.index(loss) for loss in losses]
    return Ranking(
        values={name: found[name] for name in [*order, *controls]},
        ranks=dict(zip(order, ranks, strict=True)),
        letters=dict(zip(order, letters, strict=True)),
        pooled=pooled,
    )


def letters_of(estimates: Sequence[PooledEstimate]) -> list[str]:
    """Return the tie groups of methods, which are given in ranked order, as letters."""
    if len(estimates) < 2:
        return ["a"] * len(estimates)
    tests = paired_tests(estimates)
    separated = np.nan_to_num(tests.adjusted_p_value, nan=1.0) < SEPARATION_LEVEL
    np.fill_diagonal(separated, False)
    return group_letters(tie_groups(range(len(estimates)), separated), len(estimates))
