"""Statistics of comparison: arrays of scores or of patients' influences in, a frozen result out.

On one dataset `paired_tests` asks whether the models fitted here differ on patients like these (what the board
separates pairs by), `corrected_t_tests` whether the methods would differ if fitted anew on another sample; the larger
of the two adjusted p-values of a pair answers for both. Across datasets `signed_rank_tests` separates pairs;
`friedman_test` and `bayesian_signed_rank_test` stand beside it. Needs numpy, scipy and `metrics` only.
"""

from leaderboards.statistics.bayesian_signed_rank import (
    ROPE_OF_BRIER,
    ROPE_OF_CONCORDANCE,
    ROPE_OF_SCALED_BRIER,
    BayesianSignedRank,
    bayesian_signed_rank_test,
)
from leaderboards.statistics.checks import NoSpreadError
from leaderboards.statistics.corrected_t import corrected_t_test, corrected_t_tests
from leaderboards.statistics.differences import Difference, PairwiseDifferences
from leaderboards.statistics.failures import (
    paired_differences,
    rank_methods,
)
from leaderboards.statistics.friedman import MINIMUM_DATASETS, FriedmanTest, critical_difference, friedman_test
from leaderboards.statistics.joint_adjustment import step_down_over_pairs
from leaderboards.statistics.multiplicity import holm
from leaderboards.statistics.paired_bootstrap import (
    BootstrapDifference,
    paired_bootstrap,
    paired_bootstrap_of_influence,
)
from leaderboards.statistics.paired_influence import paired_test, paired_tests
from leaderboards.statistics.repeats_to_decide import RepeatsToDecide, repeats_to_decide
from leaderboards.statistics.signed_rank import (
    PairwiseSignedRanks,
    SignedRankTest,
    signed_rank_test,
    signed_rank_tests,
)
from leaderboards.statistics.tie_groups import group_letters, tie_groups
from metrics.pooling import Folds, PooledEstimate, pool

__all__ = [
    "MINIMUM_DATASETS",
    "ROPE_OF_BRIER",
    "ROPE_OF_CONCORDANCE",
    "ROPE_OF_SCALED_BRIER",
    "BayesianSignedRank",
    "BootstrapDifference",
    "Difference",
    "Folds",
    "FriedmanTest",
    "NoSpreadError",
    "PairwiseDifferences",
    "PairwiseSignedRanks",
    "PooledEstimate",
    "RepeatsToDecide",
    "SignedRankTest",
    "bayesian_signed_rank_test",
    "corrected_t_test",
    "corrected_t_tests",
    "critical_difference",
    "friedman_test",
    "group_letters",
    "holm",
    "paired_bootstrap",
    "paired_bootstrap_of_influence",
    "paired_differences",
    "paired_test",
    "paired_tests",
    "pool",
    "rank_methods",
    "repeats_to_decide",
    "signed_rank_test",
    "signed_rank_tests",
    "step_down_over_pairs",
    "tie_groups",
]
