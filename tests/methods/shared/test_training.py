"""The training loop: what stops it, what it keeps, what it reports."""

from __future__ import annotations

import itertools
import logging
import math
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.types import Context
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train, warm_up_cosine
from methods.shared.training.reproducible import reproducible

X = torch.linspace(-1, 1, 40)[:, None]
Y = 3 * X + 1
SETTINGS = TrainingSettings(learning_rate=0.05, epochs=5)
BATCHES = ShuffledBatches(rows=40, size=8)


class Line(nn.Module):
    """y = a x + b, from a = b = 0, with dropout as a source of noise."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        nn.init.zeros_(self.layer.weight)
        nn.init.zeros_(self.layer.bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.dropout(x))


def fit(module: nn.Module, context: Context, settings=SETTINGS, batches=BATCHES, **functions) -> TrainingRecord:
    def loss(rows):
        return (module(X[rows]) - Y[rows]).square().mean()

    def validation_loss():
        return float((module(X) - Y).square().mean())

    functions = {"loss": loss, "validation_loss": validation_loss} | functions
    return train(
        module, functions.pop("loss"), functions.pop("validation_loss"), batches, settings, context, **functions
    )


def test_training_lowers_the_loss(context: Context) -> None:
    module = Line()
    record = fit(module, context, replace(SETTINGS, epochs=100))
    assert record.losses[-1][1] < 1e-3
    assert module.layer.weight.item() == pytest.approx(3, abs=0.1)


def test_the_weights_of_the_best_epoch_are_restored(context: Context) -> None:
    scores = iter([5.0, 2.0, 3.0, 4.0, 5.0])
    module, seen = Line(), []

    def validation_loss() -> float:
        seen.append(module.layer.weight.item())
        return next(scores)

    record = fit(module, context, validation_loss=validation_loss)
    assert (record.best_epoch, record.best_loss, record.stopped) == (2, 2.0, "limit")
    assert module.layer.weight.item() == seen[1] != seen[4]


def test_training_stops_after_so_many_epochs_without_improvement(context: Context) -> None:
    scores = iter([3.0, 2.0, 2.0, 2.5, 1.0])
    record = fit(Line(), context, replace(SETTINGS, patience=2), validation_loss=lambda: next(scores))
    # The third is as good as the second: kept, but no improvement.
    assert (record.stopped, len(record.losses), record.best_epoch) == ("patience", 4, 3)


def test_of_equally_good_epochs_the_one_trained_longest_is_kept(context: Context) -> None:
    module, seen = Line(), []

    def validation_loss() -> float:
        seen.append(module.layer.weight.item())
        return 0.0

    record = fit(module, context, replace(SETTINGS, patience=3, epochs=9), validation_loss=validation_loss)
    assert (record.stopped, len(record.losses), record.best_epoch) == ("patience", 4, 4)
    assert module.layer.weight.item() == seen[3] != seen[0]


def test_buffers_are_restored_with_the_weights(context: Context) -> None:
    scores = iter([1.0, 2.0, 2.0])
    module = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
    tracked = []

    def validation_loss() -> float:
        tracked.append(int(module[0].num_batches_tracked))
        return next(scores)

    fit(module, context, replace(SETTINGS, epochs=3), validation_loss=validation_loss)
    assert int(module[0].num_batches_tracked) == tracked[0] == 5


def test_frozen_parameters_are_neither_trained_nor_copied(context: Context) -> None:
    module = Line()
    module.layer.bias.requires_grad_(requires_grad=False)
    fit(module, context)
    assert module.layer.bias.item() == 0
    assert module.layer.weight.item() != 0


def test_the_module_is_left_in_evaluation_mode(context: Context) -> None:
    module = Line()
    modes = []

    def validation_loss() -> float:
        modes.append((module.training, torch.is_grad_enabled()))
        return 1.0

    fit(module, context, validation_loss=validation_loss)
    assert set(modes) == {(False, False)}
    assert not module.training


def test_steps_end_training_within_an_epoch(context: Context) -> None:
    record = fit(Line(), context, TrainingSettings(learning_rate=0.05, steps=7))
    assert (record.steps, record.stopped, len(record.losses)) == (7, "limit", 2)


def test_training_without_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="give epochs or steps"):
        TrainingSettings()


def test_every_epoch_is_reported(make_context) -> None:
    reports = []
    context = make_context(reporter=lambda epoch, value: reports.append((epoch, value)))
    record = fit(Line(), context)
    assert reports == [(epoch, value) for epoch, (_, value) in enumerate(record.losses, start=1)]


def test_a_reporter_that_raises_ends_the_fit(make_context) -> None:
    class PrunedError(Exception):
        pass

    def prune(epoch: int, value: float) -> None:
        if epoch == 2:
            raise PrunedError

    with pytest.raises(PrunedError):
        fit(Line(), make_context(reporter=prune))


def test_the_deadline_stops_training_in_time_and_the_log_says_so(
    make_context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = itertools.count()  # a second passes whenever somebody looks at it
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    module = Line()
    with caplog.at_level(logging.INFO):
        record = fit(module, make_context(deadline=100.0), TrainingSettings(learning_rate=0.05, steps=10**9))
    assert record.stopped == "deadline"
    assert 80 <= record.steps <= 90
    assert "the deadline is near" in caplog.text
    assert record.losses[record.best_epoch - 1][1] == record.best_loss


def test_no_time_for_a_single_step_is_an_error(make_context) -> None:
    with pytest.raises(TimeoutError, match="no time for a single training step"):
        fit(Line(), make_context(deadline=time.monotonic() - 1))


@pytest.mark.parametrize(("clip_norm", "moved"), [(None, 18.0), (0.5, 0.5)])
def test_gradients_are_clipped_to_the_norm(
    context: Context, monkeypatch, clip_norm: float | None, moved: float
) -> None:
    # A gradient of norm 18, and plain descent with rate 1 in the place of Adam.
    monkeypatch.setattr(torch.optim, "AdamW", lambda parameters, **_: torch.optim.SGD(parameters, lr=1.0))
    module = Line()
    settings = TrainingSettings(steps=1, clip_norm=clip_norm)
    fit(module, context, settings, loss=lambda rows: 18 * module.layer.weight.sum(), validation_loss=lambda: 0.0)
    assert abs(module.layer.weight.item()) == pytest.approx(moved, rel=1e-4)


def test_accumulated_batches_make_the_step_of_one_large_batch(context: Context) -> None:
    ordered = np.arange(40)
    whole, parts = Line(), Line()
    fit(whole, context, replace(SETTINGS, steps=3), lambda _: [ordered])
    record = fit(parts, context, replace(SETTINGS, steps=3, accumulate=4), lambda _: np.split(ordered, 4))
    assert record.steps == 3
    torch.testing.assert_close(whole.state_dict(), parts.state_dict())


def test_an_epoch_steps_with_what_is_gathered_at_its_end(context: Context) -> None:
    record = fit(Line(), context, replace(SETTINGS, epochs=1, accumulate=3))
    assert record.steps == 2  # five batches


def test_the_schedule_scales_the_rate_of_each_group(context: Context) -> None:
    module = Line()
    groups = [{"params": [module.layer.weight], "lr": 0.1}, {"params": [module.layer.bias], "lr": 0.0}]
    settings = replace(SETTINGS, epochs=1, schedule=lambda step: 1.0 if step == 0 else 0.0)
    fit(module, context, settings, parameters=groups)
    # The first step of Adam is the learning rate itself.
    assert module.layer.weight.item() == pytest.approx(0.1, rel=1e-4)
    assert module.layer.bias.item() == 0


def test_warm_up_then_cosine() -> None:
    factor = warm_up_cosine(steps=104, warm_up=4, floor=0.1)
    assert [factor(step) for step in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factor(54) == pytest.approx(0.55)
    assert factor(104) == factor(1000) == pytest.approx(0.1)


def test_weights_decay_and_biases_do_not(context: Context) -> None:
    module = Line()
    nn.init.ones_(module.layer.weight)
    nn.init.ones_(module.layer.bias)
    settings = TrainingSettings(learning_rate=0.1, weight_decay=1.0, steps=1)
    fit(module, context, settings, loss=lambda rows: 0 * module(X).sum(), validation_loss=lambda: 0.0)
    assert module.layer.weight.item() == pytest.approx(0.9)
    assert module.layer.bias.item() == 1


def test_an_l2_penalty_is_part_of_the_gradient_of_weights_and_biases(context: Context) -> None:
    module, by_hand = Line(), Line()
    for line in (module, by_hand):
        nn.init.constant_(line.layer.weight, 2.0)
        nn.init.ones_(line.layer.bias)
    settings = TrainingSettings(learning_rate=0.1, weight_decay=0.5, steps=3, l2=True)
    fit(module, context, settings, lambda _: [np.arange(40)] * 3, validation_loss=lambda: 0.0)
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.0)
    moments = {p: (torch.zeros_like(p), torch.zeros_like(p)) for p in by_hand.parameters()}
    for step in range(1, 4):
        optimizer.zero_grad()
        loss = (by_hand(X) - Y).square().mean()
        (loss + 0.25 * sum(p.square().sum() for p in by_hand.parameters())).backward()
        with torch.no_grad():
            for p, (first, second) in moments.items():
                first.mul_(0.9).add_(0.1 * p.grad)
                second.mul_(0.999).add_(0.001 * p.grad.square())
                p -= 0.1 * first / (1 - 0.9**step) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
    torch.testing.assert_close(module.state_dict(), by_hand.state_dict())


def test_patience_waits_for_the_first_epoch_that_may_stop(context: Context) -> None:
    settings = replace(SETTINGS, epochs=9, patience=2, stop_from=6)
    record = fit(Line(), context, settings, validation_loss=iter(range(9)).__next__)
    assert (record.stopped, len(record.losses), record.best_epoch) == ("patience", 6, 1)


def test_batches_without_a_loss_are_skipped_and_counted(context: Context) -> None:
    module = Line()

    def loss(rows):
        return None if 0 in rows else module(X[rows]).square().mean()

    record = fit(module, context, loss=loss)
    assert (record.skipped, record.steps) == (5, 20)


def test_an_epoch_without_any_loss_is_an_error(context: Context) -> None:
    with pytest.raises(ValueError, match="no batch of the epoch has a loss"):
        fit(Line(), context, loss=lambda rows: None)


def test_divergence_is_an_error_that_says_where(context: Context) -> None:
    module = Line()
    with pytest.raises(FloatingPointError, match="the training loss is nan in epoch 1"):
        fit(module, context, loss=lambda rows: module(X).sum() * math.nan)
    with pytest.raises(FloatingPointError, match="the validation loss is inf in epoch 1"):
        fit(Line(), context, validation_loss=lambda: math.inf)


def test_same_seed_same_bytes_and_another_seed_other_bytes(make_context) -> None:
    def trained(seed: int) -> bytes:
        module = Line(dropout=0.5)
        fit(module, make_context(seed))
        return module.layer.weight.detach().numpy().tobytes()

    assert trained(1) == trained(1) != trained(2)


def test_the_state_outside_does_not_reach_a_fit_nor_the_fit_the_state(context: Context) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with reproducible(context, "weights"):
        first = torch.rand(1)
    assert torch.rand(1) == expected
    with reproducible(context, "weights"):
        assert torch.rand(1) == first


def test_the_context_says_the_number_of_threads(make_context) -> None:
    before = torch.get_num_threads()
    with reproducible(make_context(threads=before + 1)):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("rows", "sizes"), [(8, [4, 4]), (9, [4, 5]), (10, [4, 4, 2]), (3, [3]), (1, [1])], ids=lambda value: str(value)
)
def test_a_last_batch_of_one_is_joined_to_the_one_before(rows: int, sizes: list[int]) -> None:
    batches = ShuffledBatches(rows, size=4)(np.random.default_rng(0))
    assert [len(batch) for batch in batches] == sizes
    assert sorted(np.concatenate(batches)) == list(range(rows))
