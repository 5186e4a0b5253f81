"""The authors' loss against a double loop, and what a likelihood must do."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.errors import UsageError
from benchmarks.types import Context, Outcome
from methods.modalsurv.faithful import BINS, MonthBins, likelihood, ranking


def drawn(n: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(n, BINS, dtype=torch.float64, generator=generator)
    bins = torch.randint(0, BINS, (n,), generator=generator)
    return outputs, bins, torch.rand(n, generator=generator) < 0.5


def test_the_ranking_loss_is_that_of_a_double_loop() -> None:
    outputs, bins, event = drawn()
    density = outputs.softmax(dim=1).numpy()
    expected = (density * np.arange(BINS)).sum(axis=1)
    costs = [
        math.exp(-(expected[j] - expected[i]))
        for i in range(len(bins))
        for j in range(len(bins))
        if event[i] and bins[j] > bins[i]
    ]
    assert ranking(outputs, bins, event).item() == pytest.approx(np.mean(costs), rel=1e-10)


def test_the_likelihood_is_that_of_a_loop() -> None:
    outputs, bins, event = drawn()
    density = outputs.softmax(dim=1).numpy()
    terms = [
        -math.log(row[k]) if happened else -math.log(max(row[k + 1 :].sum(), 1e-4))
        for row, k, happened in zip(density, bins.tolist(), event.tolist(), strict=True)
    ]
    assert likelihood(outputs, bins, event).item() == pytest.approx(np.mean(terms), rel=1e-9)


def test_without_a_pair_the_ranking_loss_is_zero() -> None:
    outputs, bins, _ = drawn(3)
    assert ranking(outputs, bins, torch.zeros(3, dtype=torch.bool)).item() == 0


def test_mass_beyond_the_bin_is_cheaper_for_a_censored_patient_and_mass_in_it_for_an_event() -> None:
    flat = torch.zeros(1, BINS, dtype=torch.float64)
    later, inside = flat.clone(), flat.clone()
    later[0, 20], inside[0, 5] = 1.0, 1.0
    bins, yes, no = torch.tensor([5]), torch.tensor([True]), torch.tensor([False])
    assert likelihood(later, bins, no) < likelihood(flat, bins, no)
    assert likelihood(inside, bins, yes) < likelihood(flat, bins, yes)


def test_times_are_clamped_to_the_last_month(tmp_path: Path) -> None:
    outcome = Outcome(np.array([1.0, 45.0, 3000.0]), np.array([True, False, True]))
    bins, event = MonthBins("days").labels(outcome)
    assert bins.tolist() == [0, 1, 29]
    assert event.tolist() == [True, False, True]
    context = Context(seed=0, workdir=tmp_path, logger=logging.getLogger("test"))
    assert MonthBins("days").prepare(outcome, context) == 30


def test_curves_fall_from_one_to_zero_at_the_end_of_the_bins() -> None:
    head = MonthBins("months")
    outputs = drawn()[0].numpy()
    prediction = head.predict(outputs, np.linspace(0, 35, 71))
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert prediction.survival[:, -1] == pytest.approx(0, abs=1e-12)
    assert (np.diff(prediction.survival, axis=1) <= 1e-12).all()


def test_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(UsageError, match="days, months, years"):
        MonthBins("weeks")
