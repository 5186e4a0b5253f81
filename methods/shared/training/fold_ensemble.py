"""Inner folds of the training part: one network for each, stopped on the fold that it does not train on."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.types import IntArray, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class InnerFold:
    """Rows of the training part: those a member of the ensemble trains on, and those that stop it."""

    train: IntArray
    held_out: IntArray


def inner_folds(outcome: Outcome, members: int, seed: int) -> list[InnerFold]:
    """Split the training part into as many folds as the ensemble has members, each with its share of the events.

    Together the members train on everybody, and the validation part of the cell stays unseen.

    Parameters
    ----------
    outcome : Outcome
        Of the training patients.
    members : int
        At least 2.
    seed : int
        Of the split.

    Raises
    ------
    ValueError
        If there are fewer events than members.
    """
    if outcome.n_events < members:
        raise ValueError(f"{outcome.n_events} events in the training part are too few for {members} inner folds")
    folds = StratifiedKFold(members, shuffle=True, random_state=seed)
    return [InnerFold(kept, left) for kept, left in folds.split(np.zeros(len(outcome)), outcome.event)]
