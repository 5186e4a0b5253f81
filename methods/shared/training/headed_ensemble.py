"""Networks that end in a head, one for each inner fold: training and prediction, whatever they read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, IntArray, Outcome, Patients
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.training.batches import Batches, EventBalancedBatches, ShuffledBatches
from methods.shared.training.fold_ensemble import InnerFold, inner_folds
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train
from methods.shared.training.reproducible import reproducible

# What a network is called with.
Arguments: TypeAlias = tuple[Any, ...]


class Inputs(Protocol):
    """What networks read of n patients."""

    def __len__(self) -> int: ...

    def take(self, rows: IntArray) -> Self:
        """Return the inputs of some patients."""

    def sampler(self, context: Context, member: int) -> Callable[[IntArray], Arguments]:
        """Return what makes a training batch of rows, with random numbers of its own for each member."""

    def pieces(self) -> Iterator[Arguments]:
        """Yield all patients in their order, in pieces that fit into memory, with all that is known of them."""


class EnsembleSettings(Protocol):
    """Settings that the ensemble reads."""

    @property
    def members(self) -> int:
        """Networks that are averaged."""

    @property
    def batch_size(self) -> int:
        """Patients in a training batch."""

    @property
    def balanced_batches(self) -> bool:
        """Whether each batch has its share of the events."""

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""


class HeadedEnsemble(ABC):
    """Networks, their training and their outputs; what they read is for a subclass to say.

    A network takes the arguments of ``Inputs`` and returns outputs, shape (n, outputs), and what it holds of each
    patient. With one member it trains on the training part and stops on the validation part; with more, each trains
    on all but one inner fold of the training part and stops on that one.

    Parameters
    ----------
    config : EnsembleSettings
        How networks are trained.
    head : SurvivalHead
        Labels, loss and curves; prepared on the whole training part, so that all members have the same labels.
    offset : callable, optional
        What is added to the outputs, shape (n, outputs), of n patients: what a model says that is not trained here.
    keep_start : bool
        Whether the untrained network may be the result, if no epoch has a lower held-out loss.
    select_by : {"loss", "concordance"}
        What chooses the epoch of a network: the loss of its held-out patients, or their concordance index (then the
        loss of the record is its negative).
    """

    def __init__(
        self,
        config: EnsembleSettings,
        head: SurvivalHead,
        *,
        offset: Callable[[Patients], FloatArray] | None = None,
        keep_start: bool = False,
        select_by: Literal["loss", "concordance"] = "loss",
    ) -> None:
        self.head = head
        self._settings = config
        self._offset = offset
        self._keep_start = keep_start
        self._select_by = select_by
        self.records: list[TrainingRecord] = []
        """How the training of each member went."""

    @abstractmethod
    def learn(self, patients: Patients, context: Context) -> None:
        """Learn from the training patients how inputs are made."""

    @abstractmethod
    def inputs(self, patients: Patients, device: torch.device | str) -> Inputs:
        """Return the inputs of n patients."""

    @abstractmethod
    def network(self, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network."""

    def kept(
        self,
        states: dict[str, FloatArray],
        arguments: Arguments,  # noqa: ARG002  # 2026-11-26: for a subclass whose states are not one row a patient
    ) -> dict[str, FloatArray]:
        """Return what is kept of a piece of patients, each (n, d), from the mean of the members' states."""
        return states

    def batches(self, outcome: Outcome) -> Batches:
        """Return what draws the training batches from patients with an outcome."""
        size = self._settings.batch_size
        if self._settings.balanced_batches:
            return EventBalancedBatches(outcome.event, size)
        return ShuffledBatches(len(outcome), size)

    def fit(
        self,
        train_part: Cohort,
        validation: Cohort,
        context: Context,
        training_offset: FloatArray | None = None,
    ) -> None:
        """Learn how inputs are made, and train every member.

        Parameters
        ----------
        train_part, validation : Cohort
            The parts.
        context : Context
            Of the fit.
        training_offset : array, shape (n, outputs), optional
            Offset of the n training patients in place of what ``offset`` says of them: that of models that have not
            seen them.

        Raises
        ------
        UsageError
            If one member is to be stopped by a validation part that is merged into the training part.
        """
        if self._settings.members == 1 and not len(validation.patients):
            raise UsageError("members=1 is stopped by the validation part, which is merged: take 2 members or more")
        self.learn(train_part.patients, context)
        self._device = context.device
        self._folds: list[InnerFold] = []
        outputs = self.head.prepare(train_part.outcome, context)
        start = self.head.start(train_part.outcome)
        whole = self._part(train_part, training_offset)
        if self._settings.members == 1:
            held_out = self._part(validation)
            self._networks = [self._member(0, whole, held_out, outputs, start, context)]
        else:
            self._folds = inner_folds(train_part.outcome, self._settings.members, context.derived_seed("inner folds"))
            self._networks = [
                self._member(number, whole.take(fold.train), whole.take(fold.held_out), outputs, start, context)
                for number, fold in enumerate(self._folds)
            ]

    def outputs(self, patients: Patients) -> tuple[list[FloatArray], dict[str, FloatArray]]:
        """Return the outputs of each member, shape (n, outputs), and what is kept of their states, each (n, d)."""
        offset = 0.0 if self._offset is None else self._offset(patients)
        every: list[list[FloatArray]] = [[] for _ in self._networks]
        kept: dict[str, list[FloatArray]] = {}
        for arguments, values, states in self.said(patients):
            for of_member, value in zip(every, values, strict=True):
                of_member.append(value)
            for name, state in self.kept(states, arguments).items():
                kept.setdefault(name, []).append(state)
        joined = {name: np.concatenate(states) for name, states in kept.items()}
        return [np.concatenate(said) + offset for said in every], joined

    def out_of_fold(self, train: Patients) -> list[tuple[IntArray, FloatArray]]:
        """Return, of each inner fold, the rows held out and their outputs by the member that did not train on them.

        Parameters
        ----------
        train : Patients
            The training patients that were given to ``fit``. With one member there is no inner fold.
        """
        found = []
        for number, fold in enumerate(self._folds):
            every, _ = self.outputs(train[fold.held_out])
            found.append((fold.held_out, every[number]))
        return found

    def said(self, patients: Patients) -> Iterator[tuple[Arguments, list[FloatArray], dict[str, FloatArray]]]:
        """Yield, of each piece of the patients, the arguments, each member's outputs and the mean of their states."""
        for arguments in self.inputs(patients, self._device).pieces():
            every: list[FloatArray] = []
            mean: dict[str, FloatArray] = {}
            with torch.no_grad():
                for network in self._networks:
                    values, held = network(*arguments)
                    every.append(_numbers(values))
                    for name, state in held.items():
                        mean[name] = mean.get(name, 0.0) + _numbers(state) / len(self._networks)
            yield arguments, every, mean

    def _part(self, cohort: Cohort, offset: FloatArray | None = None) -> "_Part":
        if offset is None:
            offset = np.zeros((len(cohort), 1)) if self._offset is None else self._offset(cohort.patients)
        added = torch.as_tensor(offset, dtype=torch.float32, device=self._device)
        labels = tuple(label.to(self._device) for label in self.head.labels(cohort.outcome))
        return _Part(self.inputs(cohort.patients, self._device), added, labels, cohort.outcome)

    def _member(
        self,
        number: int,
        seen: "_Part",
        held_out: "_Part",
        outputs: int,
        start: FloatArray | None,
        context: Context,
    ) -> nn.Module:
        with reproducible(context, "weights", number):
            network = self.network(outputs, start).to(context.device)
        sample = seen.inputs.sampler(context, number)

        def batch_loss(chosen: IntArray) -> Tensor | None:
            taken = torch.from_numpy(chosen).to(seen.offset.device)
            values, _ = network(*sample(chosen))
            return self.head.loss(values + seen.offset[taken], *(label[taken] for label in seen.labels))

        def held_out_loss() -> float:
            values = torch.cat([network(*arguments)[0] for arguments in held_out.inputs.pieces()])
            if self._select_by == "concordance":
                return -self._concordance(values + held_out.offset, held_out)
            value = self.head.loss(values + held_out.offset, *held_out.labels)
            if value is None:
                raise ValueError("the held-out part has no loss: is there no event in it?")
            return float(value)

        record = train(
            network,
            batch_loss,
            held_out_loss,
            self.batches(seen.outcome),
            self._settings.training,
            context,
            name=f"member {number}",
            keep_start=self._keep_start,
        )
        self.records.append(record)
        return network

    def _concordance(self, outputs: Tensor, part: "_Part") -> float:
        risk = self.head.risk(_numbers(outputs), np.unique(part.outcome.time))
        return float(metrics.concordance_index(part.outcome.time, part.outcome.event, risk))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Inputs, offset and labels of some patients."""

    inputs: Inputs
    offset: Tensor
    labels: tuple[Tensor, ...]
    outcome: Outcome

    def take(self, rows: IntArray) -> "_Part":
        chosen = torch.from_numpy(rows).to(self.offset.device)
        return _Part(
            self.inputs.take(rows),
            self.offset[chosen],
            tuple(label[chosen] for label in self.labels),
            self.outcome.take(rows),
        )


def _numbers(values: Tensor) -> FloatArray:
    found: FloatArray = values.cpu().numpy().astype(np.float64)
    return found
