"""The drawn cohort of the checks: its bags have slides, and what replaces a bag has slides of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.contract.cohort import contract_cohort, filled_absurdly, filled_with_nothing, poisoned
from benchmarks.types import Bags, Modality


def test_bags_of_slides_have_one_or_two_of_them_and_sentences_none() -> None:
    patients = contract_cohort().patients
    wsi = patients.bags("wsi")
    slides = {len(wsi.slides(row)) - 1 for row in range(len(wsi))}
    assert slides == {1, 2}
    assert [int(wsi.slides(row)[-1]) for row in range(len(wsi))] == [len(wsi[row]) for row in range(len(wsi))]
    assert patients.bags("sentences").borders is None


@pytest.mark.parametrize("fill", [filled_absurdly, filled_with_nothing])
def test_a_filled_bag_is_one_slide_and_the_others_keep_theirs(
    fill: Callable[[Modality, np.ndarray], Modality],
) -> None:
    wsi = contract_cohort().patients.bags("wsi")
    hit = np.arange(len(wsi)) < 3
    filled = fill(wsi, hit)
    assert isinstance(filled, Bags)
    assert [filled.slides(row).tolist() for row in range(3)] == [[0, 1]] * 3
    assert [filled[row].shape for row in range(3)] == [(1, wsi.width)] * 3
    for row in range(3, len(wsi)):
        assert np.array_equal(filled.slides(row), wsi.slides(row))
        assert np.array_equal(filled[row], wsi[row])


def test_poisoned_patients_have_slides_still() -> None:
    cohort = contract_cohort()
    wsi = poisoned(cohort, np.array([0, 5])).patients.bags("wsi")
    assert wsi.borders is not None
    assert wsi.slides(0).tolist() == [0, 1]
    assert np.array_equal(wsi.slides(1), cohort.patients.bags("wsi").slides(1))
