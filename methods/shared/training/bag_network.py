"""A network on a bag of instances and the vectors of all other modalities that ends in a head."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from benchmarks.types import Bags, BoolArray, Context, FloatArray, IntArray, Patients, Table, Trial
from methods.shared.features.components import Encoder
from methods.shared.features.modality_blocks import ModalityBlocks
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.packed_bags import PackedBags, pack_bags
from methods.shared.training.attention_record import attention_record
from methods.shared.training.block_network import BlockNetworkConfig, block_network_choices, hide_modalities
from methods.shared.training.headed_ensemble import Arguments, HeadedEnsemble
from methods.shared.training.loop import TrainingSettings

# Instances that are read at once for prediction; a larger bag is read alone.
PIECE = 20_000


@dataclass(frozen=True, slots=True)
class BagNetworkConfig(BlockNetworkConfig):
    """Settings that all networks on a bag have, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    bag : str
        The modality that is read instance by instance; "": none is.
    cap : int
        Most instances of a patient in a training step, drawn anew in each; for prediction all are read.
    clip_norm : float
        Gradients of a larger Euclidean norm are scaled down to it.
    """

    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    batch_size: Annotated[int, Field(ge=2)] = 32
    epochs: Annotated[int, Field(ge=1)] = 100
    patience: Annotated[int, Field(ge=1)] = 10
    bag: str = "wsi"
    cap: Annotated[int, Field(ge=1)] = 4096
    clip_norm: Annotated[float, Field(gt=0)] = 1.0

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""
        return TrainingSettings(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            epochs=self.epochs,
            patience=self.patience,
            clip_norm=self.clip_norm,
        )


def bag_network_choices(trial: Trial) -> dict[str, Any]:
    """Draw from an Optuna trial how networks on a bag are fed and trained."""
    return block_network_choices(trial) | {
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64, 128, 256]),
        "cap": trial.suggest_categorical("cap", [512, 1024, 4096]),
    }


@dataclass(frozen=True, slots=True)
class Widths:
    """What a network is made for: the width of an instance (None: there is no bag), and those of the vectors."""

    bag: int | None
    vectors: tuple[int, ...]
    tables: tuple[bool, ...]
    """Which of the vectors are of a table of covariates."""
    tokens: tuple[tuple[int, ...], ...] = ()
    """Columns of the tokens of each molecular modality, if there are tokens: their vectors come before the others."""


# Makes an untrained module for widths, a number of outputs, and what it should say at first. The module takes packed
# bags (None if there is no such modality), M' tensors (n, d_m) and the presence (n, M), the bag's first; it returns
# outputs, and what it holds of each patient. Of its states, ``attention`` is one number an instance.
MakeBagModule: TypeAlias = Callable[[Widths, int, FloatArray | None], nn.Module]


class BagNetwork(HeadedEnsemble):
    """Bags, vectors, networks and their training; a method adds the module and the head.

    Parameters
    ----------
    config : BagNetworkConfig
        How vectors are made and networks trained.
    head : SurvivalHead
        Labels, loss and curves.
    make : callable
        From widths, number of outputs and start to an untrained module.
    matrix
        As of ``ModalityBlocks``.
    select_by
        As of ``HeadedEnsemble``.
    """

    def __init__(
        self,
        config: BagNetworkConfig,
        head: SurvivalHead,
        make: MakeBagModule,
        *,
        matrix: Callable[[], Encoder] | None = None,
        select_by: Literal["loss", "concordance"] = "loss",
    ) -> None:
        super().__init__(config, head, select_by=select_by)
        self.config = config
        self._make = make
        self._matrix = matrix

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the presence: the bag, then those of the vectors."""
        return (*self._bag, *self._others)

    def learn(self, patients: Patients, context: Context) -> None:
        """Learn the vectors from the training patients; of the bag nothing is learnt but its width."""
        modalities = patients.modalities
        self._bag = [self.config.bag] if self.config.bag in modalities else []
        if not self._bag and self.config.bag:
            context.logger.warning("no modality %r: nothing is read instance by instance", self.config.bag)
        self._others = sorted(name for name in modalities if name not in self._bag)
        self._blocks = ModalityBlocks(self.config.components, context.derived_seed("components"), matrix=self._matrix)
        self._blocks.fit(patients.only(*self._others))
        width = patients.bags(self.config.bag).width if self._bag else None
        tables = tuple(isinstance(modalities[name], Table) for name in self._others)
        self._widths = Widths(width, self._blocks.widths, tables)

    def inputs(self, patients: Patients, device: torch.device | str) -> "BagInputs":
        """Return bags, vectors and presence of n patients; no bag is read."""
        bags = patients.bags(self.config.bag) if self._bag else None
        vectors: tuple[Tensor, ...] = ()
        present: list[BoolArray] = [] if bags is None else [bags.present[:, None]]
        if self._others:
            blocks = self._blocks.transform(patients)
            vectors, _ = blocks.tensors(device)
            present.append(blocks.present)
        there = torch.as_tensor(np.concatenate(present, axis=1), device=device)
        return BagInputs(bags, vectors, there, self.config.cap, self.config.modality_dropout)

    def network(self, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network for the widths."""
        return self._make(self._widths, outputs, start)

    def attention(self, patients: Patients) -> list[FloatArray]:
        """Return the mean attention of the members to the instances of each patient, shape (m_i,) each."""
        found: list[FloatArray] = []
        for arguments, _, states in self.said(patients):
            sizes = np.bincount(arguments[0].owner.cpu().numpy(), minlength=arguments[0].patients)
            found += np.split(states["attention"], np.cumsum(sizes)[:-1])
        return found

    def kept(self, states: dict[str, FloatArray], arguments: Arguments) -> dict[str, FloatArray]:
        """Return the states, with the members' mean attention as its entropy and the most attended instances."""
        attention = states.pop("attention", None)
        if attention is None:
            return states
        bags: PackedBags = arguments[0]
        return states | attention_record(attention, bags.owner.cpu().numpy(), bags.patients)


@dataclass(frozen=True, slots=True, eq=False)
class BagInputs:
    """Bags of n patients, unread, their vectors, each (n, d_m), and presence, (n, M), the bag's first.

    ``cap`` and ``modality_dropout`` are those of the settings.
    """

    bags: Bags | None
    vectors: tuple[Tensor, ...]
    present: Tensor
    cap: int
    modality_dropout: float

    def __len__(self) -> int:
        return len(self.present)

    def take(self, rows: IntArray) -> "BagInputs":
        """Return some patients; no bag is read."""
        bags = None if self.bags is None else self.bags.take(rows)
        vectors, present = self._rows(rows)
        return BagInputs(bags, tuple(vectors), present, self.cap, self.modality_dropout)

    def sampler(self, context: Context, member: int) -> Callable[[IntArray], Arguments]:
        """Return what makes a training batch: capped bags, vectors and presence, of which some is hidden."""
        hidden = context.generator("hidden modalities", member)
        draws = context.generator("instances", member)

        def sample(rows: IntArray) -> Arguments:
            packed = None if self.bags is None else pack_bags(self.bags, rows, self.cap, draws)
            vectors, present = self._rows(rows)
            if self.modality_dropout:
                present = hide_modalities(present, self.modality_dropout, hidden)
            return self._on_device(packed), vectors, present

        return sample

    def pieces(self) -> Iterator[Arguments]:
        """Yield the patients in their order, so many at once as have 20,000 instances, and with all of them."""
        if self.bags is None:
            yield None, self.vectors, self.present
            return
        for rows in _pieces(self.bags):
            vectors, present = self._rows(rows)
            yield self._on_device(pack_bags(self.bags, rows)), vectors, present

    def _rows(self, rows: IntArray) -> tuple[list[Tensor], Tensor]:
        chosen = torch.from_numpy(rows).to(self.present.device)
        return [values[chosen] for values in self.vectors], self.present[chosen]

    def _on_device(self, packed: PackedBags | None) -> PackedBags | None:
        return None if packed is None else packed.to(self.present.device)


def _pieces(bags: Bags) -> Iterator[IntArray]:
    """Yield rows of patients who together have at most so many instances as are read at once, or of one patient."""
    rows: list[int] = []
    instances = 0
    for row in range(len(bags)):
        size = int(bags.slides(row)[-1]) if bags.present[row] else 0
        if rows and instances + size > PIECE:
            yield np.array(rows)
            rows, instances = [], 0
        rows.append(row)
        instances += size
    yield np.array(rows, dtype=np.int64)
