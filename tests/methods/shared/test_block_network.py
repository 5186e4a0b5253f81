"""Hidden modalities, inner folds and vectors of modalities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from benchmarks.datasets.simulated.adapter import load
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.types import Outcome
from methods.shared.features.modality_blocks import ModalityBlocks
from methods.shared.training.batches import EventBalancedBatches
from methods.shared.training.block_network import hide_modalities
from methods.shared.training.fold_ensemble import inner_folds


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 0.99))
def test_hiding_leaves_a_modality_to_everyone_who_has_one_and_gives_nobody_a_new_one(seed: int, p: float) -> None:
    generator = np.random.default_rng(seed)
    present = torch.from_numpy(generator.random((20, 4)) < 0.6)
    kept = hide_modalities(present, p, generator)
    assert not (kept & ~present).any()
    assert torch.equal(kept.any(dim=1), present.any(dim=1))


def test_modalities_are_hidden_as_often_as_asked() -> None:
    present = torch.ones(20_000, 3, dtype=torch.bool)
    kept = hide_modalities(present, 0.3, np.random.default_rng(0))
    # All three are hidden with probability 0.027; then one of them is left.
    assert (~kept).float().mean().item() == pytest.approx(0.3 - 0.027 / 3, abs=0.01)


def test_inner_folds_cover_everybody_once_with_equal_shares_of_events() -> None:
    generator = np.random.default_rng(0)
    outcome = Outcome(generator.exponential(size=103) + 0.1, generator.random(103) < 0.3)
    folds = inner_folds(outcome, 5, seed=0)
    assert np.array_equal(np.sort(np.concatenate([fold.held_out for fold in folds])), np.arange(103))
    events = [int(outcome.event[fold.held_out].sum()) for fold in folds]
    assert max(events) - min(events) <= 1
    assert all(not set(fold.train) & set(fold.held_out) for fold in folds)


def test_fewer_events_than_members_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 events in the training part are too few for 5 inner folds"):
        inner_folds(Outcome(np.arange(1.0, 21.0), np.arange(20) < 2), 5, seed=0)


def test_blocks_have_a_vector_per_modality_and_zeros_for_the_missing() -> None:
    cohort = load("missing", n=200, seed=0, effect=1.0, missing_share=0.3)
    blocks = ModalityBlocks(8, seed=0).fit(cohort.patients)
    found = blocks.transform(cohort.patients)
    assert blocks.names == ("clinical", "mri", "rna", "text", "wsi")
    assert tuple(values.shape[1] for values in found.vectors) == blocks.widths
    for m, values in enumerate(found.vectors):
        there = found.present[:, m]
        assert not values[~there].any()
        np.testing.assert_allclose(values[there].mean(axis=0), 0, atol=1e-6)


def test_without_components_a_matrix_keeps_its_columns() -> None:
    cohort = load("additive", n=200, seed=0, effect=1.0).only("rna")
    assert ModalityBlocks(0, seed=0).fit(cohort.patients).widths == (200,)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 200), st.floats(0.05, 0.9), st.integers(2, 64), st.integers(0, 100))
def test_balanced_batches_hold_everybody_once_with_equal_shares_of_events(
    n: int, share: float, size: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    event = generator.random(n) < share
    batches = EventBalancedBatches(event, size)(generator)
    assert np.array_equal(np.sort(np.concatenate(batches)), np.arange(n))
    counts = [int(event[batch].sum()) for batch in batches]
    assert max(counts) - min(counts) <= 1
    sizes = [len(batch) for batch in batches]
    assert max(sizes) - min(sizes) <= 1
