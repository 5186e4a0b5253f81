"""The training loop of every torch method of the suite.

It knows nothing of the data: a loss is a function of row numbers, a validation loss a function of nothing, and both
see tables, texts or bags through their closure.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch

# 2026-11-21, torch 2.13: optimisers import it when the first is made, which takes seconds. Imported here, it is paid
# for once, in the process that the cells are forked from.
import torch._dynamo
from torch import Tensor, nn

from benchmarks.types import Context, IntArray
from methods.shared.training.batches import Batches
from methods.shared.training.reproducible import reproducible

# Factor on the learning rate at a step, counted from 0.
Schedule: TypeAlias = Callable[[int], float]

# The rest of the time is left for the last validation and for prediction.
SHARE_OF_TIME_FOR_TRAINING = 0.9


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to train.

    Parameters
    ----------
    learning_rate, weight_decay : float
        Of AdamW (Loshchilov & Hutter 2019), which without decay is Adam. Weights decay; biases and the vectors of
        normalisations do not.
    epochs, steps : int or None
        Most passes over the sampler, and most steps of the optimiser; None is no limit, at least one must be given.
    patience : int or None
        Epochs without a lower validation loss after which training stops; None never stops early. In either case the
        weights with the lowest validation loss are the result.
    clip_norm : float or None
        Gradients of a larger Euclidean norm are scaled down to it.
    accumulate : int
        Batches whose mean gradient makes one step.
    schedule : callable or None
        Factor on the learning rate at each step, such as ``warm_up_cosine(...)``.
    l2 : bool
        Whether the decay is added to the gradient of every parameter, vectors too: Adam with an L2 penalty, whose
        strength Adam scales like any gradient. For recipes that were published so.
    stop_from : int
        First epoch, counted from 1, at which patience may stop.
    """

    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    epochs: int | None = None
    steps: int | None = None
    patience: int | None = None
    clip_norm: float | None = None
    accumulate: int = 1
    schedule: Schedule | None = None
    l2: bool = False
    stop_from: int = 1

    def __post_init__(self) -> None:
        if self.epochs is None and self.steps is None:
            raise ValueError("training without a limit: give epochs or steps")


@dataclass(slots=True)
class TrainingRecord:
    """What happened: mean training loss and validation loss of each epoch, and why training stopped.

    ``best_epoch`` counts from 1; ``skipped`` are batches without a loss.
    """

    losses: list[tuple[float, float]] = field(default_factory=list)
    steps: int = 0
    skipped: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    stopped: Literal["", "patience", "limit", "deadline"] = ""


def warm_up_cosine(steps: int, warm_up: int, floor: float = 0.0) -> Schedule:
    """Return a schedule that rises linearly from 0 over ``warm_up`` steps and falls to ``floor`` by a half cosine."""

    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / (warm_up + 1)
        done = min(1.0, (step - warm_up) / max(1, steps - warm_up))
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))

    return factor


def train(
    module: nn.Module,
    loss: Callable[[IntArray], Tensor | None],
    validation_loss: Callable[[], float],
    batches: Batches,
    settings: TrainingSettings,
    context: Context,
    *,
    parameters: Iterable[Any] | None = None,
    name: str = "",
    keep_start: bool = False,
) -> TrainingRecord:
    """Train a module in place; at the end it has the weights of the epoch with the lowest validation loss.

    Of equally low ones it is the last: where the loss does not tell epochs apart, the most training.

    Parameters
    ----------
    module : Module
        What is trained; in training mode for ``loss``, in evaluation mode for ``validation_loss`` and afterwards.
    loss : callable
        Mean loss of a batch of rows, a scalar with a gradient; None if the batch has nothing to say (a risk set
        without an event): it is skipped and counted.
    validation_loss : callable
        Loss on the validation part, lower is better; called without gradients once an epoch, and reported.
    batches : callable
        Batches of an epoch, from a generator.
    settings : TrainingSettings
        Optimiser, limits, patience.
    context : Context
        Seed of shuffling and dropout, threads, deadline, reports. Nine tenths of the time left are for training:
        then it stops, keeps the best weights and says so in the log.
    parameters : iterable, optional
        Parameters or parameter groups as torch optimisers take them, each with the decay of the settings or its
        own; all that require a gradient if not given.
    name : str
        Which of several trainings of one fit it is: each has random numbers of its own.
    keep_start : bool
        Whether the untrained weights are the result where no epoch has a lower validation loss than they have.

    Returns
    -------
    TrainingRecord

    Raises
    ------
    FloatingPointError
        If a training or validation loss is not finite.
    TimeoutError
        If the deadline leaves no time for a single step.
    """
    if parameters is None:
        parameters = _trained(module) if settings.l2 else _weights_and_vectors(module)
    optimizer = _Optimizer(parameters, settings)
    best = _BestWeights(module)
    record = TrainingRecord()
    names = [name] if name else []
    generator = context.generator("batches", *names)
    lowered = 0
    stop_at = time.monotonic() + SHARE_OF_TIME_FOR_TRAINING * context.seconds_left()
    with reproducible(context, "training", *names):
        if keep_start:
            module.eval()
            with torch.no_grad():
                record.best_loss = float(validation_loss())
            best.keep()
        while not record.stopped:
            module.train()
            mean = _epoch(loss, batches(generator), optimizer, settings, record, stop_at)
            module.eval()
            if mean is None:
                break
            with torch.no_grad():
                value = float(validation_loss())
            record.losses.append((mean, value))
            _require_finite(record)
            context.report(len(record.losses), value)
            if value < record.best_loss:
                lowered = len(record.losses)
            if value <= record.best_loss:
                record.best_epoch, record.best_loss = len(record.losses), value
                best.keep()
            waited = len(record.losses) - lowered
            if (
                settings.patience is not None
                and waited >= settings.patience
                and len(record.losses) >= settings.stop_from
            ):
                record.stopped = record.stopped or "patience"
            if len(record.losses) == settings.epochs:
                record.stopped = record.stopped or "limit"
    best.restore()
    _log(record, context)
    return record


def _epoch(
    loss: Callable[[IntArray], Tensor | None],
    batches: Iterable[IntArray],
    optimizer: "_Optimizer",
    settings: TrainingSettings,
    record: TrainingRecord,
    stop_at: float,
) -> float | None:
    """Take the steps of one epoch, or those up to a limit; return the mean loss of its batches, if any has one."""
    total, used = torch.zeros(()), 0
    for rows in batches:
        if time.monotonic() >= stop_at:
            record.stopped = "deadline"
            break
        value = loss(rows)
        if value is None:
            record.skipped += 1
            continue
        optimizer.add(value)
        total, used = total + value.detach(), used + 1
        if optimizer.steps == settings.steps:
            break
    optimizer.flush()
    record.steps = optimizer.steps
    if record.steps == settings.steps:
        record.stopped = record.stopped or "limit"
    if record.stopped == "deadline" and record.steps == 0:
        raise TimeoutError("the deadline leaves no time for a single training step")
    if used == 0 and not record.stopped:
        raise ValueError("no batch of the epoch has a loss: is there no event in the training part?")
    return float(total) / used if used else None


def _weights_and_vectors(module: nn.Module) -> list[dict[str, Any]]:
    """Return the trained parameters as two groups; only the first, of matrices, decays."""
    trained = _trained(module)
    vectors = [parameter for parameter in trained if parameter.ndim < 2]
    return [{"params": [p for p in trained if p.ndim >= 2]}, {"params": vectors, "weight_decay": 0.0}]


def _trained(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]


class _Optimizer:
    """AdamW, or Adam with an L2 penalty, with accumulated gradients, clipping and a schedule."""

    def __init__(self, parameters: Iterable[Any], settings: TrainingSettings) -> None:
        self._settings = settings
        kind = torch.optim.Adam if settings.l2 else torch.optim.AdamW
        self._adam = kind(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
        self._trained = [p for group in self._adam.param_groups for p in group["params"]]
        self._rates = [group["lr"] for group in self._adam.param_groups]
        self._pending = 0
        self.steps = 0

    def add(self, loss: Tensor) -> None:
        """Add the gradient of a batch; step when enough of them are gathered."""
        if self._settings.accumulate > 1:
            loss = loss / self._settings.accumulate
        loss.backward()  # type: ignore[no-untyped-call]  # 2026-11-21: torch does not annotate it
        self._pending += 1
        if self._pending == self._settings.accumulate:
            self.flush()

    def flush(self) -> None:
        """Step with what is gathered, if anything is."""
        if not self._pending:
            return
        if self._settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(self._trained, self._settings.clip_norm)
        if self._settings.schedule is not None:
            factor = self._settings.schedule(self.steps)
            for group, rate in zip(self._adam.param_groups, self._rates, strict=True):
                group["lr"] = rate * factor
        self._adam.step()
        self._adam.zero_grad()
        self._pending = 0
        self.steps += 1


class _BestWeights:
    """A copy, in memory, of all that training changes: trained parameters and buffers, not frozen ones."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        parameters = module.named_parameters(remove_duplicate=False)
        self._frozen = {name for name, parameter in parameters if not parameter.requires_grad}
        self._kept: dict[str, Tensor] = {}

    def keep(self) -> None:
        state = self._module.state_dict()
        self._kept = {name: value.clone() for name, value in state.items() if name not in self._frozen}

    def restore(self) -> None:
        self._module.load_state_dict(self._kept, strict=False)


def _require_finite(record: TrainingRecord) -> None:
    for kind, value in zip(("training", "validation"), record.losses[-1], strict=True):
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the {kind} loss is {value} in epoch {len(record.losses)} (step {record.steps}): training diverged"
            )


def _log(record: TrainingRecord, context: Context) -> None:
    why = {
        "patience": "no lower validation loss for long enough",
        "limit": "limit of epochs or steps reached",
        "deadline": "the deadline is near",
    }[record.stopped]
    context.logger.info(
        "training stopped after %d epochs, %d steps (%s); weights of epoch %d with validation loss %.6g; "
        "%d batches without a loss skipped",
        len(record.losses),
        record.steps,
        why,
        record.best_epoch,
        record.best_loss,
        record.skipped,
    )
