"""Descriptions of a dataset in figures."""

import numpy as np

from benchmarks.reports.dataset import describe_modalities
from benchmarks.types import Bags, Cohort, Float32Array, Outcome, Patients


class Unread:
    def __len__(self) -> int:
        return 3

    def __getitem__(self, position: int) -> Float32Array:
        raise AssertionError("a bag was read")


def test_the_slides_of_bags_are_counted_without_reading_them() -> None:
    bags = Bags(
        Unread(),
        width=4,
        present=np.array([True, False, True]),
        fingerprints=("a", "", "c"),
        borders=(np.array([0, 3, 8]), np.array([0]), np.array([0, 8])),
    )
    cohort = Cohort(Patients(np.array(["a", "b", "c"]), {"wsi": bags}), Outcome(np.ones(3), np.ones(3) == 1), "days")
    (figures,) = describe_modalities(cohort)
    assert figures.patients == 2
    assert figures.extent == (
        "vectors of width 4, 16 of 3 slides; per patient 2 slides (5 to 95 %: 1 to 2), 8 vectors (5 to 95 %: 8 to 8)"
    )


def test_bags_without_slides_tell_their_width_alone() -> None:
    bags = Bags(Unread(), width=4, fingerprints=("a", "b", "c"))
    cohort = Cohort(Patients(np.array(["a", "b", "c"]), {"wsi": bags}), Outcome(np.ones(3), np.ones(3) == 1), "days")
    assert describe_modalities(cohort)[0].extent == "vectors of width 4"
