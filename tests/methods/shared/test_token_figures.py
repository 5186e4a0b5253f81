"""What the figures of tokens show, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.types import Prediction
from methods.shared.figures.token_attention import chosen_instances, evenness_of, examples, least_even
from methods.shared.training.token_attention_record import attention_of_tokens, token_attention_record

# Patient 0 has four instances, patient 1 none, patient 2 two, patient 3 two.
OWNER = np.array([0, 0, 0, 0, 2, 2, 3, 3])
ATTENTION = np.array([[0.7, 0.25], [0.1, 0.25], [0.1, 0.25], [0.1, 0.25], [0.9, 0.5], [0.1, 0.5], [0, 0.4], [0, 0.6]])
COUNTS = np.array([4.0, 0, 2, 2])
TOKENS = attention_of_tokens(
    {name: state.astype(np.float32) for name, state in token_attention_record(ATTENTION, OWNER, 4, ["a", "b"]).items()}
)


def test_evenness_is_of_the_patients_whose_bag_the_token_looks_at() -> None:
    of_a = [-(0.7 * np.log(0.7) + 0.3 * np.log(0.1)) / np.log(4), -(0.9 * np.log(0.9) + 0.1 * np.log(0.1)) / np.log(2)]
    np.testing.assert_allclose(evenness_of(TOKENS["a"], COUNTS), of_a, rtol=1e-5)
    assert len(evenness_of(TOKENS["b"], COUNTS)) == 3
    assert least_even(TOKENS, COUNTS) == ["a", "b"]


def test_the_chosen_instances_are_those_of_the_largest_weights() -> None:
    instances, weights = chosen_instances(TOKENS, 0)
    assert instances.tolist() == [0, 1, 2]
    np.testing.assert_allclose(weights, [[0.7, 0.1, 0.1], [0.25, 0.25, 0.25]], rtol=1e-6)
    instances, weights = chosen_instances(TOKENS, 3)
    assert instances.tolist() == [0, 1]
    np.testing.assert_allclose(weights, [[np.nan, np.nan], [0.4, 0.6]], rtol=1e-6)


def test_examples_have_a_bag_and_are_ordered_by_risk() -> None:
    prediction = Prediction(np.array([0.3, 9.0, 0.1, 0.2]), np.array([0.0, 1.0]))
    found = examples(prediction, COUNTS)
    assert found == {"highest risk": 0, "median risk": 3, "lowest risk": 2}
    assert prediction.risk[found["highest risk"]] == pytest.approx(0.3)
