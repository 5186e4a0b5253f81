"""What is kept of the attention of tokens, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.types import Prediction
from methods.shared.training.token_attention_record import attention_of_tokens, token_attention_record


def test_the_record_of_two_tokens_is_counted_by_hand() -> None:
    # Patient 0 has two instances, patient 1 none, patient 2 three of which nothing is looked at, patient 3 one.
    attention = np.array([[0.75, 0.1], [0.25, 0.3], [0, 0], [0, 0], [0, 0], [1.0, 0.0]])
    states = token_attention_record(attention, np.array([0, 0, 2, 2, 2, 3]), 4, ["one", "two"])
    tokens = attention_of_tokens(states)
    assert list(tokens) == ["one", "two"]
    one, two = tokens["one"], tokens["two"]
    np.testing.assert_allclose(one.share, [1, 0, 0, 1])
    np.testing.assert_allclose(two.share, [0.4, 0, 0, 0])
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    np.testing.assert_allclose(one.entropy, [entropy, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(two.entropy[0], entropy)
    assert one.instances.tolist() == [[0, 1, -1], [-1] * 3, [-1] * 3, [0, -1, -1]]
    assert two.instances.tolist() == [[1, 0, -1], [-1] * 3, [-1] * 3, [-1] * 3]
    np.testing.assert_allclose(two.weights[0], [0.75, 0.25, 0])
    # The mean of the tokens that attend: (0.75 + 0.25) / 2 each for patient 0, token one alone for patient 3.
    assert states["instances"][:, 0].tolist() == [2, 0, 0, 1]
    assert states["attention_entropy"][0, 0] == pytest.approx(np.log(2))
    np.testing.assert_allclose(states["top_weights"][3, :2], [1, 0])


def test_other_states_are_no_tokens() -> None:
    assert attention_of_tokens({"gene_pool": np.zeros((2, 3), np.float32)}) == {}


def test_the_longest_name_of_a_reactome_pathway_is_one_that_a_prediction_takes() -> None:
    # The Reactome column of the gene sets with the most characters: 123.
    pathway = (
        "Inhibition_of_the_proteolytic_activity_of_APC/C_required_for_the_onset_of_anaphase_by_mitotic_spindle_"
        "checkpoint_components"
    )
    states = token_attention_record(np.ones((1, 1)), np.array([0]), 1, [pathway])
    assert f"token {pathway}" in Prediction(np.zeros(1), np.ones(1), states=states).states
