"""The partial likelihood of a batch, with ties, against its definition and against an exact second implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.types import Outcome
from methods.shared.heads.cox_head import CoxHead, Ties, partial_likelihood_loss
from methods.shared.heads.efron import EfronLikelihood

FloatArray = NDArray[np.float64]


def by_definition(lp: FloatArray, time: FloatArray, event: NDArray[np.bool_], ties: Ties) -> float:
    total = 0.0
    for at in np.unique(time[event]):
        at_risk, now = np.exp(lp[time >= at]).sum(), np.flatnonzero(event & (time == at))
        for place, row in enumerate(now):
            left_out = place / len(now) * np.exp(lp[now]).sum() if ties == "efron" else 0.0
            total += math.log(at_risk - left_out) - lp[row]
    return total / int(event.sum())


outcomes = st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.floats(-3, 3)), min_size=1, max_size=12).filter(
    lambda rows: any(event for _, event, _ in rows)
)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@settings(max_examples=60, deadline=None)
@given(outcomes, st.integers(0, 1000))
def test_the_loss_is_that_of_the_definition_in_any_order(
    ties: Ties, rows: list[tuple[int, bool, float]], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    time, event, lp = (np.array(column)[order] for column in zip(*rows, strict=True))
    loss = partial_likelihood_loss(torch.from_numpy(lp), torch.from_numpy(time), torch.from_numpy(event), ties)
    assert loss is not None
    assert loss.item() == pytest.approx(by_definition(lp, time, event, ties), abs=1e-9)


def test_hand_computed_with_two_events_at_once() -> None:
    lp = torch.log(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64))
    time, event = torch.tensor([1.0, 1.0, 2.0]), torch.tensor([True, True, False])
    breslow = partial_likelihood_loss(lp, time, event, "breslow")
    efron = partial_likelihood_loss(lp, time, event, "efron")
    assert breslow is not None
    assert efron is not None
    assert breslow.item() == pytest.approx((2 * math.log(7) - math.log(2)) / 2)
    assert efron.item() == pytest.approx((math.log(7) + math.log(7 - 1.5) - math.log(2)) / 2)


def test_efrons_value_and_gradient_are_those_of_the_linear_model() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 3))
    outcome = Outcome(generator.integers(1, 9, 60).astype(float), generator.random(60) < 0.6)
    reference = EfronLikelihood(x, outcome)
    b = torch.tensor([0.5, -0.2, 0.1], dtype=torch.float64, requires_grad=True)
    loss = CoxHead("efron").loss((torch.from_numpy(x) @ b)[:, None], *CoxHead().labels(outcome))
    assert loss is not None
    loss.backward()
    coefficients = b.detach().numpy()
    assert loss.item() * outcome.n_events == pytest.approx(reference.value(coefficients), rel=1e-10)
    assert b.grad is not None
    assert b.grad.numpy() * outcome.n_events == pytest.approx(reference.derivatives(coefficients)[0], rel=1e-8)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_linear_predictors_far_apart_give_a_finite_loss_and_gradient(ties: Ties) -> None:
    lp = torch.tensor([800.0, -800.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    loss = partial_likelihood_loss(lp, torch.tensor([2.0, 1.0, 1.0, 3.0]), torch.tensor([True] * 4), ties)
    assert loss is not None
    loss.backward()
    assert torch.isfinite(loss)
    assert lp.grad is not None
    assert torch.isfinite(lp.grad).all()


def test_a_batch_without_an_event_has_no_loss() -> None:
    assert partial_likelihood_loss(torch.zeros(2), torch.ones(2), torch.zeros(2, dtype=torch.bool), "efron") is None
