"""A network on the vectors of all modalities that ends in a head."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from benchmarks.types import Context, FloatArray, IntArray, Patients, Trial
from methods.shared.features.modality_blocks import ModalityBlocks
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.training.headed_ensemble import Arguments, HeadedEnsemble
from methods.shared.training.loop import TrainingSettings


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
    balanced_batches : bool
        Whether each batch has its share of the events, or is drawn at random.
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
    balanced_batches: bool = False
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


class BlockNetwork(HeadedEnsemble):
    """Vectors of modalities, networks and their training; a method adds the module and the head.

    Parameters
    ----------
    config : BlockNetworkConfig
        How vectors are made and networks trained.
    head : SurvivalHead
        Labels, loss and curves.
    make : callable
        From widths, number of outputs and start to an untrained module.
    leave_out : sequence of str
        Modalities that the networks do not read.
    offset, keep_start, select_by
        As of ``HeadedEnsemble``.
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
        super().__init__(config, head, offset=offset, keep_start=keep_start, select_by=select_by)
        self.config = config
        self._make = make
        self._leave_out = leave_out

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the vectors."""
        return self._blocks.names

    def learn(self, patients: Patients, context: Context) -> None:
        """Learn the vectors from the training patients."""
        names = [name for name in patients.modalities if name not in self._leave_out]
        self._blocks = ModalityBlocks(self.config.components, context.derived_seed("components"))
        self._blocks.fit(patients.only(*names))

    def inputs(self, patients: Patients, device: torch.device | str) -> "VectorInputs":
        """Return vectors and presence of n patients."""
        vectors, present = self._blocks.transform(patients).tensors(device)
        return VectorInputs(vectors, present, self.config.modality_dropout)

    def network(self, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network for the vectors."""
        return self._make(self._blocks.widths, outputs, start)


@dataclass(frozen=True, slots=True, eq=False)
class VectorInputs:
    """Vectors of n patients, each (n, d_m), and which of them there are, (n, M); how often one is hidden."""

    vectors: tuple[Tensor, ...]
    present: Tensor
    modality_dropout: float

    def __len__(self) -> int:
        return len(self.present)

    def take(self, rows: IntArray) -> "VectorInputs":
        """Return the vectors of some patients."""
        chosen = torch.from_numpy(rows).to(self.present.device)
        vectors = tuple(values[chosen] for values in self.vectors)
        return VectorInputs(vectors, self.present[chosen], self.modality_dropout)

    def sampler(self, context: Context, member: int) -> Callable[[IntArray], Arguments]:
        """Return what makes a training batch: vectors and presence, of which some is hidden."""
        hidden = context.generator("hidden modalities", member)

        def sample(rows: IntArray) -> Arguments:
            chosen = torch.from_numpy(rows).to(self.present.device)
            present = self.present[chosen]
            if self.modality_dropout:
                present = hide_modalities(present, self.modality_dropout, hidden)
            return [values[chosen] for values in self.vectors], present

        return sample

    def pieces(self) -> Iterator[Arguments]:
        """Yield all patients at once."""
        yield self.vectors, self.present


def hide_modalities(present: Tensor, probability: float, generator: np.random.Generator) -> Tensor:
    """Return the presence, shape (n, M), with each modality hidden with a probability; one of a patient's is left."""
    drawn = torch.from_numpy(generator.random(tuple(present.shape))).to(present.device)
    # Of those a patient has, the one with the largest draw stays in any case.
    last = drawn.masked_fill(~present, -1.0).argmax(dim=1, keepdim=True)
    kept = (drawn >= probability) | torch.zeros_like(present).scatter(1, last, True)
    return present & kept
