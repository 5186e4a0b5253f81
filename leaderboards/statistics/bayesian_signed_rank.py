"""The Bayesian signed-rank test: whether a method is better across datasets by enough to matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import at_least, finite_array, not_negative

# Differences that do not matter: concordance, integrated Brier score, and what the latter is of a Brier score of 0.25.
ROPE_OF_CONCORDANCE = 0.01
ROPE_OF_BRIER = 0.005
ROPE_OF_SCALED_BRIER = 0.02

PRIOR_STRENGTH = 0.5
BLOCK = 2000


@dataclass(frozen=True, slots=True)
class BayesianSignedRank:
    """Posterior probabilities of where the differences of two methods lie; they add up to 1.

    Attributes
    ----------
    left : float
        That the differences lie mostly below -rope: the first method's score is lower.
    rope : float
        That they lie mostly within -rope .. rope: the methods are equivalent in practice.
    right : float
        That they lie mostly above rope: the first method's score is higher.
    """

    left: float
    rope: float
    right: float


def bayesian_signed_rank_test(
    differences: ArrayLike, *, rope: float, random: np.random.Generator, draws: int = 50_000
) -> BayesianSignedRank:
    r"""Return the posterior probabilities that the first method is lower, equivalent or higher across datasets.

    The distribution of the differences has a Dirichlet process prior of strength 1/2 on a pseudo-difference
    :math:`z_0 = 0`. A draw of the posterior gives weights :math:`w \sim \text{Dirichlet}(1/2, 1, .., 1)` to
    :math:`z_0, z_1, .., z_N`, and with them the shares

    .. math::

        \theta_{left} = \sum_{ij} w_i w_j 1[z_i + z_j < -2 \rho], \qquad
        \theta_{right} = \sum_{ij} w_i w_j 1[z_i + z_j > 2 \rho], \qquad
        \theta_{rope} = 1 - \theta_{left} - \theta_{right}.

    The probability of each is how often it is the largest of the three. A sum on an edge counts half on each
    side of it.

    Parameters
    ----------
    differences : array-like, shape (N,)
        First method less second, one per dataset. With
        :func:`~leaderboards.statistics.failures.paired_differences` failures are in.
    rope : float
        Half the width of the region of practical equivalence, at least 0.
    random : numpy.random.Generator
        Source of the draws.
    draws : int
        Number of draws; the Monte Carlo error of a probability is 0.5 / sqrt(draws) at most.

    Returns
    -------
    BayesianSignedRank

    Raises
    ------
    ValueError
        If there is no dataset, a difference is not finite, or the rope is negative.

    References
    ----------
    Benavoli, Mangili, Corani, Zaffalon and Ruggeri (2014), A Bayesian Wilcoxon signed-rank test based on the
    Dirichlet process, ICML 2014.
    Benavoli, Corani, Demsar and Zaffalon (2017), Time for a change: a tutorial for comparing multiple
    classifiers through Bayesian analysis, JMLR 18, section 4.2.
    """
    given = finite_array(differences, "differences")
    if given.size == 0:
        raise ValueError("there is no dataset to compare on")
    edge = 2 * not_negative(rope, "rope")
    z = np.concatenate([[0.0], given])
    sums = z[:, None] + z
    above, below = np.heaviside(sums - edge, 0.5), np.heaviside(-sums - edge, 0.5)
    strength = np.ones(z.size)
    strength[0] = PRIOR_STRENGTH
    wanted = at_least(draws, 1, "draws")
    largest = np.zeros(3)
    for start in range(0, wanted, BLOCK):
        weight = random.dirichlet(strength, min(BLOCK, wanted - start))
        right = np.einsum("si,si->s", weight @ above, weight)
        left = np.einsum("si,si->s", weight @ below, weight)
        shares = np.stack([left, 1 - left - right, right])
        best = shares >= shares.max(axis=0) - 1e-12
        largest += (best / best.sum(axis=0)).sum(axis=1)
    return BayesianSignedRank(*(float(count) / wanted for count in largest))
