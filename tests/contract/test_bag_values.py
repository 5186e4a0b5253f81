"""Every bag is read when a dataset is verified."""

from dataclasses import replace

import numpy as np

from benchmarks.contract.bag_values import bags_are_finite
from benchmarks.errors import UsageError
from benchmarks.types import Bags, Cohort, Patients


def with_bags(cohort: Cohort, source: object, present: np.ndarray | None = None) -> Cohort:
    bags = Bags(source, 4) if present is None else Bags(source, 4, present=present)
    return replace(cohort, patients=Patients(cohort.patients.ids, {**cohort.patients.modalities, "wsi": bags}))


def drawn(n: int) -> list[np.ndarray]:
    return [np.random.default_rng(k).normal(size=(3, 4)).astype(np.float32) for k in range(n)]


def test_finite_bags_pass(drawn_cohort) -> None:
    verdict = bags_are_finite(with_bags(drawn_cohort(60), drawn(60)))
    assert (verdict.problems, verdict.warnings) == ([], [])


def test_bags_that_are_not_finite_empty_or_of_another_width_are_counted(drawn_cohort) -> None:
    bags = drawn(60)
    bags[5][1, 2] = np.nan
    bags[9] = np.zeros((0, 4), np.float32)
    bags[11] = np.zeros((3, 5), np.float32)
    (problem,) = bags_are_finite(with_bags(drawn_cohort(60), bags)).problems
    assert problem == (
        "wsi: 3 of 60 bags are flawed, first that of '5': 1 of 12 values are not finite, first nan in vector 1"
    )


def test_what_stands_in_the_place_of_an_absent_bag_is_not_read(drawn_cohort) -> None:
    bags = drawn(60)
    bags[5][:] = np.nan
    assert bags_are_finite(with_bags(drawn_cohort(60), bags, np.arange(60) != 5)).problems == []


class NeedsAnEncoder:
    def __len__(self) -> int:
        return 60

    def __getitem__(self, position: int) -> np.ndarray:
        raise UsageError("the encoder is not installed: pip install it")


def test_bags_that_cannot_be_read_here_at_all_are_a_warning(drawn_cohort) -> None:
    verdict = bags_are_finite(with_bags(drawn_cohort(60), NeedsAnEncoder()))
    assert verdict.problems == []
    assert verdict.warnings == ["wsi: no bag can be read here: the encoder is not installed: pip install it"]
