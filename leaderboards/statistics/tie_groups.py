"""Groups of methods that the board cannot tell apart, and the letters that show them."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import BoolArray, flags


def tie_groups(order: Sequence[int], separated: ArrayLike) -> list[list[int]]:
    """Group methods so that two share a group exactly if they are not separated.

    The rule: go through the pairs that are not separated, better ranks first. The first that shares no group yet
    opens one; methods that are separated from none in it join until there is none left, the one that shares no
    group yet with most of its members first, then the better rank. A method separated from all others is a group
    of its own. Where separation grows with the distance of the ranks, the groups are runs of consecutive ranks,
    the bars of a critical-difference diagram. Where it does not (two correlated methods can be separated while a
    third between them is separated from neither) more groups are made rather than a difference claimed that no
    test found.

    Parameters
    ----------
    order : sequence of int
        Methods from best to worst: row numbers of `separated`, each once. Failed methods may be left out.
    separated : array-like of bool, shape (m, m)
        Symmetric; whether the test tells two methods apart: ``adjusted_p_value <= alpha``, or the distance of
        their average ranks is at least the critical difference. A pair without a p-value is not separated.

    Returns
    -------
    list of list of int
        Methods of each group in their order; groups by their best members. At most one per pair.

    Raises
    ------
    ValueError
        If the order names a method twice or one that is not there, or `separated` is not symmetric.

    References
    ----------
    Piepho (2004), An algorithm for a letter-based representation of all-pairwise comparisons, Journal of
    Computational and Graphical Statistics 13 (the property; the groups found here may be fewer).
    """
    array = np.asarray(separated)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"separated has shape {array.shape}, expected one row and one column per method")
    apart = flags(array, "separated", array.shape)
    if (apart != apart.T).any() or apart.diagonal().any():
        raise ValueError("separated must be symmetric, and no method is separated from itself")
    methods = [int(method) for method in order]
    if len(set(methods)) < len(methods) or not set(methods) <= set(range(len(apart))):
        raise ValueError(f"order must name each method once, by its row number 0 to {len(apart) - 1}")
    groups = _cover(apart[np.ix_(methods, methods)])
    return [[methods[place] for place in group] for group in groups]


def group_letters(groups: Sequence[Sequence[int]], methods: int) -> list[str]:
    """Return the letters of each method: a for the first group, z, aa, ab and so on; joined by commas from aa on.

    Parameters
    ----------
    groups : sequence of sequence of int
        From :func:`tie_groups`.
    methods : int
        Number of methods.

    Returns
    -------
    list of str
        Empty for a method in no group.
    """
    joint = "" if len(groups) <= len(ascii_lowercase) else ","
    return [
        joint.join(_letter(number) for number, group in enumerate(groups) if method in group)
        for method in range(methods)
    ]


def _cover(apart: BoolArray) -> list[list[int]]:
    """Cover all pairs that are not apart, and all single places, by groups none of whose pairs is apart."""
    count = len(apart)
    covered = np.zeros((count, count), dtype=np.bool_)
    groups: list[list[int]] = []
    for first in range(count):
        for second in range(first, count):
            if covered[first, second] or apart[first, second]:
                continue
            if first == second and apart[first].sum() < count - 1:
                continue  # it is in a group with another one anyway
            members = _grown([first] if first == second else [first, second], apart, covered)
            covered[np.ix_(members, members)] = True
            groups.append(members)
    return sorted(groups)


def _grown(members: list[int], apart: BoolArray, covered: BoolArray) -> list[int]:
    """Grow a group as far as it goes, by the place that covers most new pairs first."""
    free: BoolArray = np.logical_not(apart[members].any(axis=0))
    free[members] = False
    while free.any():
        new = (~covered[members]).sum(axis=0)
        joining = int(np.argmax(np.where(free, new, -1)))
        members = [*members, joining]
        free &= ~apart[joining]
        free[joining] = False
    return sorted(members)


def _letter(number: int) -> str:
    """Spell a number in letters: 0 is a, 25 is z, 26 is aa."""
    spelled = ""
    number += 1
    while number > 0:
        number, place = divmod(number - 1, len(ascii_lowercase))
        spelled = ascii_lowercase[place] + spelled
    return spelled
