"""A network on the vectors of all modalities that ends in a head: fit, ensemble of inner folds, prediction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

import metrics
from benchmarks.types import Cohort, Context, FloatArray, IntArray, Outcome, Patients, Trial
from methods.shared.features.modality_blocks import ModalityBlocks
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.fold_ensemble import inner_folds
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train
from methods.shared.training.reproducible import reproducible


@dataclass(frozen=True, slots=True)
class BlockNetworkConfig:
    """Settings that all networks on vectors of modalities have.

    Parameters
    ----------
    components : int
        Most principal components of a modality other than a table; 0: the standardised columns themselves.
    learning_rate, weight_decay : float
        Of AdamW.
    batch_size : int
        Patients in a batch; with the partial likelihood it is the risk set.
    epochs, patience : int
        Most passes over the training patients; epochs without a lower held-out loss after which training stops.
    modality_dropout : float
        Probability with which a modality of a patient is hidden in a training step; one is always left.
    members : int
        Networks that are averaged. With 1 it trains on the training part and stops on the validation part; with more,
        each trains on all but one inner fold of the training part and stops on that one.
    """

    components: Annotated[int, Field(ge=0)] = 32
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 1e-2
    batch_size: Annotated[int, Field(ge=2)] = 64
    epochs: Annotated[int, Field(ge=1)] = 200
    patience: Annotated[int, Field(ge=1)] = 20
    modality_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    members: Annotated[int, Field(ge=1)] = 5

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""
        return TrainingSettings(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            epochs=self.epochs,
            patience=self.patience,
            clip_norm=5.0,
        )


def training_choices(trial: Trial) -> dict[str, Any]:
    """Draw from an Optuna trial how networks are trained; epochs, patience and members stay."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-2, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1.0, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64, 128, 256]),
    }


def block_network_choices(trial: Trial) -> dict[str, Any]:
    """Draw from an Optuna trial how networks on several modalities are fed and trained."""
    return training_choices(trial) | {
        "components": trial.suggest_int("components", 8, 128, log=True),
        "modality_dropout": trial.suggest_float("modality_dropout", 0.0, 0.5),
    }


# Makes an untrained module for the widths of M modalities, a number of outputs, and what it should say at first. The
# module takes M tensors (n, d_m) and the presence (n, M); it returns outputs, and what it holds of each patient.
MakeModule: TypeAlias = Callable[[Sequence[int], int, FloatArray | None], nn.Module]


class BlockNetwork:
    """Vectors, networks and their training; a method adds the module and the head.

    Parameters
    ----------
    config : BlockNetworkConfig
        How vectors are made and networks trained.
    head : SurvivalHead
        Labels, loss and curves; prepared on the whole training part, so that all members have the same labels.
    make : callable
        From widths, number of outputs and start to an untrained module.
    leave_out : sequence of str
        Modalities that the networks do not read.
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
        config: BlockNetworkConfig,
        head: SurvivalHead,
        make: MakeModule,
        *,
        leave_out: Sequence[str] = (),
        offset: Callable[[Patients], FloatArray] | None = None,
        keep_start: bool = False,
        select_by: Literal["loss", "concordance"] = "loss",
    ) -> None:
        self.config = config
        self.head = head
        self._make = make
        self._leave_out = leave_out
        self._offset = offset
        self._keep_start = keep_start
        self._select_by = select_by
        self.records: list[TrainingRecord] = []
        """How the training of each member went."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the vectors."""
        return self._blocks.names

    def fit(self, train_part: Cohort, validation: Cohort, context: Context) -> None:
        """Learn the vectors and train every member."""
        self._blocks = ModalityBlocks(self.config.components, context.derived_seed("components"))
        names = [name for name in train_part.patients.modalities if name not in self._leave_out]
        self._blocks.fit(train_part.patients.only(*names))
        outputs = self.head.prepare(train_part.outcome, context)
        start = self.head.start(train_part.outcome)
        whole = self._part(train_part, context.device)
        if self.config.members == 1:
            held_out = self._part(validation, context.device)
            self._networks = [self._member(0, whole, held_out, outputs, start, context)]
        else:
            folds = inner_folds(train_part.outcome, self.config.members, context.derived_seed("inner folds"))
            self._networks = [
                self._member(number, whole.take(fold.train), whole.take(fold.held_out), outputs, start, context)
                for number, fold in enumerate(folds)
            ]

    def outputs(self, patients: Patients) -> tuple[list[FloatArray], dict[str, FloatArray]]:
        """Return the outputs of each member, shape (n, outputs), and the mean of their states, each (n, d)."""
        vectors, present = self._blocks.transform(patients).tensors(next(self._networks[0].parameters()).device)
        offset = 0.0 if self._offset is None else self._offset(patients)
        every: list[FloatArray] = []
        states: dict[str, FloatArray] = {}
        with torch.no_grad():
            for network in self._networks:
                values, held = network(vectors, present)
                every.append(values.cpu().numpy().astype(np.float64) + offset)
                for name, state in held.items():
                    share = state.cpu().numpy().astype(np.float64) / len(self._networks)
                    states[name] = states.get(name, 0.0) + share
        return every, states

    def _part(self, cohort: Cohort, device: str) -> "_Part":
        vectors, present = self._blocks.transform(cohort.patients).tensors(device)
        offset = np.zeros((len(cohort), 1)) if self._offset is None else self._offset(cohort.patients)
        added = torch.as_tensor(offset, dtype=torch.float32, device=device)
        labels = tuple(label.to(device) for label in self.head.labels(cohort.outcome))
        return _Part(vectors, present, added, labels, cohort.outcome)

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
            network = self._make(self._blocks.widths, outputs, start).to(context.device)
        hidden = context.generator("hidden modalities", number)

        def batch_loss(chosen: IntArray) -> Tensor | None:
            taken = torch.from_numpy(chosen).to(seen.present.device)
            present = seen.present[taken]
            if self.config.modality_dropout:
                present = hide_modalities(present, self.config.modality_dropout, hidden)
            values, _ = network([values[taken] for values in seen.vectors], present)
            return self.head.loss(values + seen.offset[taken], *(label[taken] for label in seen.labels))

        def held_out_loss() -> float:
            values, _ = network(held_out.vectors, held_out.present)
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
            ShuffledBatches(len(seen.present), self.config.batch_size),
            self.config.training,
            context,
            name=f"member {number}",
            keep_start=self._keep_start,
        )
        self.records.append(record)
        return network

    def _concordance(self, outputs: Tensor, part: "_Part") -> float:
        risk = self.head.predict(outputs.cpu().numpy().astype(np.float64), np.unique(part.outcome.time)).risk
        return float(metrics.concordance_index(part.outcome.time, part.outcome.event, risk))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Vectors, presence, offset and labels of some patients as tensors."""

    vectors: tuple[Tensor, ...]
    present: Tensor
    offset: Tensor
    labels: tuple[Tensor, ...]
    outcome: Outcome

    def take(self, rows: IntArray) -> "_Part":
        chosen = torch.from_numpy(rows).to(self.present.device)
        return _Part(
            tuple(values[chosen] for values in self.vectors),
            self.present[chosen],
            self.offset[chosen],
            tuple(label[chosen] for label in self.labels),
            self.outcome.take(rows),
        )


def hide_modalities(present: Tensor, probability: float, generator: np.random.Generator) -> Tensor:
    """Return the presence, shape (n, M), with each modality hidden with a probability; one of a patient's is left."""
    drawn = torch.from_numpy(generator.random(tuple(present.shape))).to(present.device)
    # Of those a patient has, the one with the largest draw stays in any case.
    last = drawn.masked_fill(~present, -1.0).argmax(dim=1, keepdim=True)
    kept = (drawn >= probability) | torch.zeros_like(present).scatter(1, last, True)
    return present & kept
