"""Who of a larger dataset a method may learn from: nobody who is in a part of the split."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.protocol.extra_data import extra_cohort, refuse_shared_patients
from benchmarks.types import Cohort, Split

# Eight patients of three types; the cohort is type b, of which one is in no fold.
IDS = [f"p{number}" for number in range(8)]
TYPES = np.array(list("aabbbbcc"))
SPLIT = Split(*map(np.array, ([0], [1], [2])), 0, 0)


def larger() -> Cohort:
    frame = pd.DataFrame({"age": np.arange(8.0)})
    event = np.array([1, 0, 1, 1, 0, 1, 0, 1], dtype=bool)
    whole = Cohort.from_table(frame, time=np.arange(1.0, 9.0), event=event, time_unit="days", ids=IDS)
    return replace(whole, strata=TYPES)


def cohort() -> Cohort:
    return replace(larger()[np.arange(2, 6)], strata=None)


def test_who_is_in_no_part_may_be_learnt_from() -> None:
    extra = extra_cohort(larger(), cohort(), SPLIT, "pan_cancer", ["clinical", "facts"])
    assert extra.patients.ids.tolist() == ["p0", "p1", "p5", "p6", "p7"]
    assert list(extra.patients.modalities) == ["clinical"]
    assert extra.strata is not None
    assert extra.strata.tolist() == list("aabcc")


def test_a_cancer_that_is_left_out_is_left_out_whole() -> None:
    extra = extra_cohort(larger(), cohort(), SPLIT, "leave_cancer_out", ["clinical"])
    assert extra.patients.ids.tolist() == ["p0", "p1", "p6", "p7"]


def test_a_merged_validation_part_is_removed_too() -> None:
    extra = extra_cohort(larger(), cohort(), SPLIT.merge_validation(), "pan_cancer", ["clinical"])
    assert extra.patients.ids.tolist() == ["p0", "p1", "p5", "p6", "p7"]


def test_a_patient_under_another_identifier_could_not_be_removed_and_is_refused() -> None:
    own = cohort()
    renamed = replace(own, patients=replace(own.patients, ids=np.array(["p2", "p3", "P4", "p5"])))
    with pytest.raises(UsageError, match="1 patients of the cohort are not in the larger dataset"):
        extra_cohort(larger(), renamed, SPLIT, "pan_cancer", ["clinical"])


def test_another_patient_under_the_same_identifier_is_refused() -> None:
    own = cohort()
    with pytest.raises(UsageError, match="another outcome for a patient"):
        extra_cohort(larger(), replace(own, outcome=own.outcome.take(np.array([1, 0, 2, 3]))), SPLIT, "pan_cancer", [])


def test_a_dataset_without_cancer_types_or_other_patients_is_refused() -> None:
    with pytest.raises(UsageError, match="no cancer types"):
        extra_cohort(replace(larger(), strata=None), cohort(), SPLIT, "pan_cancer", [])
    everybody = Split(np.arange(6), np.array([6]), np.array([7]), 0, 0)
    with pytest.raises(UsageError, match="nobody with an event is outside"):
        extra_cohort(larger(), larger(), everybody, "pan_cancer", [])


@pytest.mark.parametrize(("row", "part"), [(2, "train"), (3, "validation"), (4, "test")])
def test_a_patient_of_the_split_among_the_extra_data_is_found(row: int, part: str) -> None:
    with pytest.raises(ValueError, match=f"1 patients of the {part} part are among the extra data"):
        refuse_shared_patients(larger()[np.array([0, row])], cohort(), SPLIT)
