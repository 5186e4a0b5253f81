"""More patients to learn from, since the teacher can label any vector of covariates; or fewer."""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.types import Cohort, Table

SWAP_PROBABILITY = 0.5
BLANK_PROBABILITY = 0.02

# A level no training patient has; the student learns from it what to write of levels it has not seen.
UNSEEN_LEVEL = "<unseen>"


def recombined(table: Table, rows: int, generator: np.random.Generator) -> Table:
    """Return new covariate vectors made of the values of training patients.

    Each starts as a patient drawn at random, takes the value of another patient in each column with probability 1/2,
    and loses each value with probability 1/50: it is then missing or, half of the times in a categorical column, of
    an unseen level. No outcome enters.

    Parameters
    ----------
    table : Table
        Covariates of n training patients.
    rows : int
        Number of vectors.
    generator : Generator
        Source of the draws.

    Returns
    -------
    Table
        ``rows`` rows, the same columns.
    """
    n = len(table)
    base = generator.integers(n, size=rows)
    columns = {}
    for name in table.frame:
        other = generator.integers(n, size=rows)
        source = np.where(generator.random(rows) < SWAP_PROBABILITY, other, base)
        column = table.frame[name].iloc[source].reset_index(drop=True)
        columns[name] = _blanked(column, generator)
    return Table(pd.DataFrame(columns), described=table.described)


def part_of(cohort: Cohort, fraction: float, generator: np.random.Generator) -> Cohort:
    """Return a random share of the patients with an event and of those without, in the cohort's order.

    Shares of one generator are nested: a smaller one is part of a larger one.
    """
    if fraction == 1:
        return cohort
    taken = []
    for status in (True, False):
        rows = generator.permutation(np.flatnonzero(cohort.outcome.event == status))
        taken.append(rows[: int(np.ceil(fraction * len(rows)))])
    return cohort[np.sort(np.concatenate(taken))]


def _blanked(column: "pd.Series[Any]", generator: np.random.Generator) -> "pd.Series[Any]":
    blank = generator.random(len(column)) < BLANK_PROBABILITY
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.mask(blank)
    unseen = blank & (generator.random(len(column)) < 0.5)
    return column.mask(blank).cat.add_categories(UNSEEN_LEVEL).mask(unseen, UNSEEN_LEVEL)
