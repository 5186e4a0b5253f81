"""What a teacher says is in order, or it is refused."""

import numpy as np
import pytest

from methods.llm_distillation.teachers.answers import TeacherAnswers, clipped


def test_a_patient_without_a_number_has_not_answered() -> None:
    said = TeacherAnswers(np.array([12.0, 36.0]), np.array([[0.9, np.nan], [np.nan, np.nan]]), ("why", None), "file")
    assert said.answered.tolist() == [True, False]
    assert len(said) == 2


@pytest.mark.parametrize(
    ("horizons", "probabilities"),
    [
        ([12.0, 12.0], [[0.9, 0.8]]),
        ([0.0, 12.0], [[0.9, 0.8]]),
        ([12.0, 36.0], [[0.8, 0.9]]),
        ([12.0, 36.0], [[1.0, 0.9]]),
        ([12.0, 36.0], [[0.8, 0.0]]),
        ([12.0], [[0.8, 0.7]]),
    ],
)
def test_answers_that_are_no_survival_curve_are_refused(
    horizons: list[float], probabilities: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match=r"horizon|probabilit"):
        TeacherAnswers(np.array(horizons), np.array(probabilities), (None,), "file")


def test_a_later_probability_never_tops_an_earlier_one_across_a_gap() -> None:
    with pytest.raises(ValueError, match="higher"):
        TeacherAnswers(np.array([1.0, 2.0, 3.0]), np.array([[0.5, np.nan, 0.6]]), (None,), "file")


def test_clipping_lowers_what_rises_and_counts_the_rows() -> None:
    falling, risen = clipped(np.array([[0.5, 0.7, 0.2], [1.0, np.nan, 0.0], [0.4, np.nan, 0.6]]))
    np.testing.assert_allclose(falling, [[0.5, 0.5, 0.2], [0.995, np.nan, 0.005], [0.4, np.nan, 0.4]])
    assert risen == 2
