"""The likelihood of weighted hazards, and cuts of the time axis."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pycox.models.loss import nll_logistic_hazard

from benchmarks.types import Context, Outcome
from methods.kemm import Config
from methods.kemm.faithful import with_validation
from methods.kemm.hazard_head import HazardHead, weighted_hazard_loss

LOGITS = torch.tensor([[0.3, -1.2, 0.8, -0.1]])


def by_hand(y: int, event: int, alpha: float) -> float:
    """Return the loss of one patient with the definition's own S and h."""
    hazard = 1 / (1 + np.exp(-LOGITS[0].double().numpy()))
    survival = np.cumprod(1 - hazard)
    before = 1.0 if y == 0 else survival[y - 1]
    of_event = event * -(np.log(before) + np.log(hazard[y]))
    of_censored = (1 - event) * -np.log(survival[y])
    return float((1 - alpha) * (of_event + of_censored) + alpha * of_event)


@pytest.mark.parametrize("alpha", [0.0, 0.4])
@pytest.mark.parametrize("event", [0, 1])
@pytest.mark.parametrize("y", range(4))
def test_every_bin_with_and_without_event(y: int, event: int, alpha: float) -> None:
    loss = weighted_hazard_loss(LOGITS, torch.tensor([y]), torch.tensor([float(event)]), alpha)
    assert float(loss) == pytest.approx(by_hand(y, event, alpha), rel=1e-5)


@given(st.integers(0, 1000), st.integers(1, 12))
def test_without_a_weight_it_is_pycox_loss(seed: int, n: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    outputs = 3 * torch.randn(n, 5, generator=generator)
    index, event = (
        torch.randint(0, 5, (n,), generator=generator),
        torch.randint(0, 2, (n,), generator=generator).float(),
    )
    torch.testing.assert_close(
        weighted_hazard_loss(outputs, index, event), nll_logistic_hazard(outputs, index, event), rtol=1e-4, atol=1e-5
    )


def test_large_outputs_have_a_finite_loss_and_gradient() -> None:
    outputs = torch.tensor([[200.0, -200.0]], requires_grad=True)
    weighted_hazard_loss(outputs, torch.tensor([1]), torch.tensor([1.0])).backward()
    assert torch.isfinite(outputs.grad).all()


def outcome(n: int, seed: int) -> Outcome:
    generator = np.random.default_rng(seed)
    return Outcome(generator.exponential(20, n) + 0.1, generator.random(n) < 0.6)


def test_cuts_are_quartiles_of_the_training_events_and_every_later_time_has_a_bin(context: Context) -> None:
    train, test = outcome(200, 0), Outcome(np.array([1e-6, 5.0, 1e6]), np.array([True, False, True]))
    head = HazardHead(Config())
    assert head.prepare(train, context) == 5
    inner = np.quantile(train.time[train.event], [0.25, 0.5, 0.75])
    np.testing.assert_allclose(head.cuts.cuts[1:-1], inner)
    changed = Outcome(np.where(train.event, train.time, train.time * 0.5), train.event)
    other = HazardHead(Config())
    other.prepare(changed, context)
    np.testing.assert_allclose(other.cuts.cuts[1:-1], inner)
    index, _ = head.labels(test)
    assert index.tolist()[0] == 1
    assert index.tolist()[2] == 4


def test_the_faithful_edges_see_the_validation_part(context: Context) -> None:
    train, validation = outcome(100, 0), outcome(40, 1)
    head = HazardHead(Config(faithful=True))
    head.edges_of = with_validation(train, validation)
    head.prepare(train, context)
    both = np.concatenate([train.time[train.event], validation.time[validation.event]])
    np.testing.assert_allclose(head.cuts.cuts[1:-1], np.quantile(both, [0.25, 0.5, 0.75]))


def test_the_risk_is_minus_the_sum_of_survival_at_the_cuts(context: Context) -> None:
    head = HazardHead(Config())
    head.prepare(outcome(200, 0), context)
    outputs = np.array([[-9.0, 0.0, 0.0, 0.0, 0.0], [-9.0, 1.0, 1.0, 1.0, 1.0]])
    risk = head.risk(outputs, np.array([1.0]))
    assert risk[0] == pytest.approx(-(0.5 + 0.25 + 0.125 + 0.0625))
    assert risk[1] > risk[0]
    np.testing.assert_allclose(head.predict(outputs, np.array([0.0, 3.0])).risk, risk)
