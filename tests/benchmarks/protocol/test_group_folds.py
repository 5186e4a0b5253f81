"""Leaving out one group at a time: which groups are a fold, which are pooled, and that none is split."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.errors import UsageError
from benchmarks.protocol.group_folds import GROUP_EVENTS, MOST_POOLED, GroupFolds, group_folds
from benchmarks.protocol.splits import group_splits, splits_of
from benchmarks.types import Cell, Cohort, IntArray, Outcome, Patients, Table


def folds_of(**groups: tuple[int, int]) -> GroupFolds:
    """Return the folds of groups of so many patients, so many of them with the event."""
    names = [name for name, (patients, _) in groups.items() for _ in range(patients)]
    event = [row < events for patients, events in groups.values() for row in range(patients)]
    return group_folds("site", np.array(names), np.array(event))


def test_a_group_of_ten_events_is_a_fold_and_smaller_ones_are_pooled_with_events_balanced() -> None:
    # 9, 9, 6 and 4 events suffice for two folds: 9 and 4 or 6 each.
    found = folds_of(a=(30, 20), b=(12, 10), c=(9, 9), d=(9, 9), e=(6, 6), f=(4, 4))
    assert found.names == ("a", "b", "c + e", "d + f")
    assert np.bincount(found.fold_of).tolist() == [30, 12, 15, 13]


def test_small_groups_without_enough_events_join_the_smallest_large_one() -> None:
    found = folds_of(a=(30, 20), b=(12, 11), c=(5, 4), d=(7, 0))
    assert found.names == ("a", "b + c + d")
    assert np.bincount(found.fold_of).tolist() == [30, 24]


def test_groups_without_events_go_where_there_are_fewest_patients() -> None:
    found = folds_of(a=(40, 9), b=(10, 9), c=(10, 1), d=(10, 1), e=(5, 0), f=(5, 0))
    assert found.names == ("a + c", "b + d + e + f")


def test_many_pooled_groups_are_named_by_the_first_and_their_number() -> None:
    found = folds_of(a=(20, 20), **{f"s{number}": (3, 2) for number in range(7)})
    assert found.names == ("a", "s0 and 6 more")


def test_one_fold_alone_is_refused() -> None:
    with pytest.raises(UsageError, match="--split site: 2 groups with 13 events make no two folds of at least 10"):
        folds_of(a=(12, 11), b=(4, 2))
    with pytest.raises(UsageError, match="1 groups with 3 events make no two folds"):
        folds_of(a=(12, 3))


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), min_size=2, max_size=30), st.integers(0, 2**32 - 1))
def test_no_group_is_split_every_fold_has_events_and_the_order_of_patients_does_not_matter(
    sizes: list[tuple[int, float]], seed: int
) -> None:
    names = np.array([f"g{number:02d}" for number, (patients, _) in enumerate(sizes) for _ in range(patients)])
    event = np.array([row < share * patients for patients, share in sizes for row in range(patients)])
    try:
        found = group_folds("site", names, event)
    except UsageError:
        assert (
            event.sum() < 2 * GROUP_EVENTS
            or sum(bool(event[names == name].sum() >= GROUP_EVENTS) for name in np.unique(names)) < 2
        )
        return
    assert all(len(set(found.fold_of[names == name])) == 1 for name in np.unique(names))
    assert np.bincount(found.fold_of, weights=event).min() >= GROUP_EVENTS
    large = sum(event[names == name].sum() >= GROUP_EVENTS for name in np.unique(names))
    assert len(found.names) == found.fold_of.max() + 1 <= large + MOST_POOLED
    order = np.random.default_rng(seed).permutation(len(names))
    shuffled = group_folds("site", names[order], event[order])
    assert shuffled.names == found.names
    assert shuffled.fold_of.tolist() == found.fold_of[order].tolist()


def cohort_of_hospitals(order: IntArray | None = None) -> Cohort:
    """Return ninety patients of four hospitals, of which two small ones have ten events together."""
    rng = np.random.default_rng(0)
    hospital = np.repeat(["east", "north", "south", "west"], [30, 30, 15, 15])
    event = np.tile([True, False, False], 30)
    ids = np.array([f"p{row:02d}" for row in range(90)])
    patients = Patients(ids, {"clinical": Table(pd.DataFrame({"age": rng.normal(60, 9, 90)}))})
    cohort = Cohort(patients, Outcome(rng.exponential(9, 90), event), "months", groups={"hospital": hospital})
    return cohort if order is None else cohort[order]


def test_each_fold_tests_on_the_groups_that_it_names_and_trains_on_none_of_them() -> None:
    cohort = cohort_of_hospitals()
    splits = splits_of(cohort, "hospital", folds=5, repeats=1, seed=0)
    assert [split.group for split in splits] == ["east", "north", "south + west"]
    for split in splits:
        assert set(cohort.groups["hospital"][split.test]) == set(split.group.split(" + "))
        rest = np.concatenate([split.train, split.validation])
        assert not set(cohort.groups["hospital"][rest]) & set(split.group.split(" + "))
        assert len(rest) + len(split.test) == 90


def test_the_splits_of_groups_do_not_hang_on_the_order_of_the_rows_and_only_validation_on_the_seed() -> None:
    order = np.random.default_rng(1).permutation(90)
    splits = group_splits(cohort_of_hospitals(), "hospital", seed=0)
    for one, other in zip(splits, group_splits(cohort_of_hospitals(order), "hospital", seed=0), strict=True):
        assert one.train.tolist() == sorted(order[other.train].tolist())
    for one, other in zip(splits, group_splits(cohort_of_hospitals(), "hospital", seed=1), strict=True):
        assert one.test.tolist() == other.test.tolist()
        assert one.validation.tolist() != other.validation.tolist()


def test_a_kind_of_split_that_a_dataset_does_not_have_is_told_with_those_it_has() -> None:
    with pytest.raises(
        UsageError, match="--split site: there are no such splits of this dataset; it has stratified, hospital"
    ):
        splits_of(cohort_of_hospitals(), "site", folds=5, repeats=1, seed=0)


def test_groups_have_one_name_per_patient_and_go_with_the_rows() -> None:
    cohort = cohort_of_hospitals()
    assert cohort[[0, 89]].groups["hospital"].tolist() == ["east", "west"]
    with pytest.raises(ValueError, match="2 groups 'hospital' for 90 patients"):
        replace(cohort, groups={"hospital": np.array(["east", "west"])})
    assert sha256_of_cohort(cohort) != sha256_of_cohort(replace(cohort, groups={}))


def test_the_name_of_the_group_is_told_and_is_no_part_of_the_key() -> None:
    cell = dict.fromkeys(field.name for field in fields(Cell)) | {
        "method": "cox_ph",
        "dataset": "ward",
        "split": "hospital",
        "repeat": 0,
        "fold": 2,
    }
    named, unnamed = Cell(**{**cell, "group": "east"}), Cell(**{**cell, "group": ""})
    assert named.label == "cox_ph on ward, repeat 0, fold 2 (hospital east)"
    assert unnamed.label == "cox_ph on ward, repeat 0, fold 2"
    assert named.key == unnamed.key
