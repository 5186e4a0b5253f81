"""A published split of one direction: trained on one group, tested on another."""

import numpy as np
import pytest

from benchmarks.protocol.splits import published_splits
from benchmarks.protocol.splits import test_to_train as ratio_of_sizes
from benchmarks.scoring.summary import corrected_interval
from benchmarks.types import Cohort, Outcome, Patients
from benchmarks.types.cohort import ALWAYS_TRAINING, IN_NO_PART


def cohort(folds: list[int]) -> Cohort:
    n = len(folds)
    outcome = Outcome(np.arange(1.0, n + 1), np.ones(n, dtype=bool))
    return Cohort(Patients(np.array([str(i) for i in range(n)]), {}), outcome, "days", published_fold=np.array(folds))


def test_who_is_always_trained_on_is_in_no_test_part() -> None:
    (split,) = published_splits(cohort([ALWAYS_TRAINING] * 10 + [0] * 4 + [IN_NO_PART] * 2), seed=0)
    assert split.test.tolist() == [10, 11, 12, 13]
    assert sorted([*split.train, *split.validation]) == list(range(10))
    assert len(split.validation) == 2


def test_beside_folds_they_are_trained_on_in_every_one() -> None:
    splits = published_splits(cohort([ALWAYS_TRAINING] * 10 + [0] * 4 + [1] * 4), seed=0)
    assert [split.test.tolist() for split in splits] == [[10, 11, 12, 13], [14, 15, 16, 17]]
    for split in splits:
        assert set(range(10)) <= {*split.train.tolist(), *split.validation.tolist()}


def test_a_fold_below_those_two_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="published fold -3"):
        cohort([-3, 0])


def test_of_a_single_split_there_is_no_interval() -> None:
    assert ratio_of_sizes(1, merged=False) == np.inf
    assert corrected_interval([0.7], 1) is None
