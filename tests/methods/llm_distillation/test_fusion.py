"""The gate, what is missing, and the losses' gradients."""

import numpy as np
import pytest
import torch

from methods.llm_distillation.fusion import Fusion, FusionNetwork


def network(fusion: Fusion) -> FusionNetwork:
    torch.manual_seed(0)
    made = FusionNetwork(fusion, 8, (3, 5), (True, False), 4, np.zeros(4), projection=6, dropout=0.0).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(0, 0.3)
    return made


def inputs() -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor]:
    torch.manual_seed(1)
    present = torch.tensor([[True, True, True], [True, False, True], [True, True, False], [False, True, True]])
    return torch.randn(4, 8), [torch.randn(4, 3), torch.randn(4, 5)], present


def test_weights_of_the_gate_sum_to_one_and_a_missing_modality_has_none() -> None:
    hidden, vectors, present = inputs()

    gate = network("late")(hidden, vectors, present)[1]["gate"]

    torch.testing.assert_close(gate.sum(1), torch.ones(4))
    assert (gate[~present] == 0).all()
    assert (gate[present] > 0).all()


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_what_stands_in_the_place_of_a_missing_modality_changes_no_bit(fusion: Fusion) -> None:
    hidden, vectors, present = inputs()
    made = network(fusion)
    other = [torch.where(present[:, [m + 1]], values, torch.nan) for m, values in enumerate(vectors)]
    other_hidden = torch.where(present[:, [0]], hidden, 7.0)

    assert torch.equal(made(hidden, vectors, present)[0], made(other_hidden, other, present)[0])


def test_who_has_nothing_is_told_what_the_text_says() -> None:
    hidden, vectors, _ = inputs()
    made = network("late")

    outputs, states = made(hidden, vectors, torch.zeros(4, 3, dtype=torch.bool))

    torch.testing.assert_close(outputs, made.text_last(made.normalised(hidden)))
    assert (states["gate"][:, 0] == 1).all()


@pytest.mark.parametrize("fusion", ["text", "early", "late"])
def test_an_untrained_network_says_the_start(fusion: Fusion) -> None:
    start = np.array([0.1, -0.2, 0.3, 0.4])
    hidden, vectors, present = inputs()
    made = FusionNetwork(fusion, 8, (3, 5), (True, False), 4, start, projection=6, dropout=0.0).eval()

    outputs, _ = made(hidden, vectors, present)

    np.testing.assert_allclose(outputs.detach().numpy(), np.tile(start, (4, 1)), rtol=1e-6)
