"""A network on a bag of instances, tokens of genes and the vectors of all other modalities that ends in a head."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import torch
from pydantic import Field

from benchmarks.types import Context, FloatArray, Patients, Trial
from methods.shared.features.gene_tokens import GeneSets, GeneTokens
from methods.shared.heads.discrete_time import Censoring, Spacing
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import (
    BagInputs,
    BagNetwork,
    BagNetworkConfig,
    MakeBagModule,
    bag_network_choices,
)
from methods.shared.training.headed_ensemble import Arguments
from methods.shared.training.token_attention_record import token_attention_record

# The state of a module that holds the weights of the instances for each token, shape (R, T).
ATTENTION = "token_attention"


@dataclass(frozen=True, slots=True)
class TokenBagNetworkConfig(BagNetworkConfig):
    """Settings that networks on a bag and tokens of genes have, beside those of ``BagNetworkConfig``.

    Parameters
    ----------
    gene_sets : {"families", "hallmark", "reactome", "components"}
        Which sets of genes are tokens; ``components``: groups of principal components, for columns that are no genes.
    component_groups : int
        Tokens that the components of a matrix are split into, with ``gene_sets=components``.
    width : int
        Of instances and tokens.
    dropout : float
        Share dropped in training.
    intervals : int
        Of the time axis.
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events.
    censoring : {"earlier", "nearest", "later"}
        The cut to which a censoring is moved.
    select_by : {"loss", "concordance"}
        What stops a network and chooses its epoch: the loss of its inner held-out fold, or the concordance there.
    """

    learning_rate: Annotated[float, Field(gt=0)] = 3e-4
    weight_decay: Annotated[float, Field(ge=0)] = 0.5
    gene_sets: GeneSets = "families"
    component_groups: Annotated[int, Field(ge=1)] = 6
    width: Annotated[int, Field(ge=1)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.25
    intervals: Annotated[int, Field(ge=2)] = 4
    spacing: Spacing = "event_quantiles"
    censoring: Censoring = "nearest"
    select_by: Literal["loss", "concordance"] = "concordance"


def token_bag_network_choices(trial: Trial) -> dict[str, Any]:
    """Draw from an Optuna trial size, time axis and training of networks on a bag and tokens of genes."""
    return bag_network_choices(trial) | {
        "width": trial.suggest_categorical("width", [64, 128, 256]),
        "dropout": trial.suggest_float("dropout", 0.0, 0.6),
        "intervals": trial.suggest_int("intervals", 4, 30, log=True),
    }


class TokenBagNetwork(BagNetwork):
    """``BagNetwork`` whose molecular modalities are tokens; a method adds the module and the head.

    Of the vectors that the module takes, those of the molecular modalities are first: the columns of their tokens
    side by side, as ``Widths.tokens`` tells. Of its states, ``token_attention`` is one number an instance and token.

    Parameters
    ----------
    config : TokenBagNetworkConfig
        How tokens and vectors are made and networks trained.
    head : SurvivalHead
        Labels, loss and curves.
    make : callable
        From widths, number of outputs and start to an untrained module.
    """

    def __init__(self, config: TokenBagNetworkConfig, head: SurvivalHead, make: MakeBagModule) -> None:
        super().__init__(config, head, make, select_by=config.select_by)
        self._gene_sets = config.gene_sets
        self._groups = config.component_groups

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the presence: the bag, the molecular ones, the others."""
        return (*self._bag, *self._genes.modalities, *self._others)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Names of the tokens of genes."""
        return self._genes.names

    def learn(self, patients: Patients, context: Context) -> None:
        """Learn tokens and vectors from the training patients.

        Raises
        ------
        ValueError
            If there is no bag.
        UsageError
            If there are no genes to make tokens of.
        """
        if self.config.bag not in patients.modalities:
            raise ValueError(f"no modality {self.config.bag!r} for the tokens of genes to attend to")
        seed = context.derived_seed("gene tokens")
        self._genes = GeneTokens(self._gene_sets, self.config.components, self._groups, seed).fit(patients, context)
        super().learn(_without(patients, self._genes.modalities), context)
        self._widths = replace(self._widths, tokens=self._genes.sizes)

    def inputs(self, patients: Patients, device: torch.device | str) -> BagInputs:
        """Return bags, vectors of tokens and of the other modalities, and presence of n patients."""
        others = super().inputs(_without(patients, self._genes.modalities), device)
        vectors, present = self._genes.transform(patients).tensors(device)
        there = torch.cat([others.present[:, :1], present, others.present[:, 1:]], dim=1)
        return replace(others, vectors=(*vectors, *others.vectors), present=there)

    def kept(self, states: dict[str, FloatArray], arguments: Arguments) -> dict[str, FloatArray]:
        """Return the states, with the attention of the tokens as a few numbers a token."""
        attention = states.pop(ATTENTION)
        bags: PackedBags = arguments[0]
        return states | token_attention_record(attention, bags.owner.cpu().numpy(), bags.patients, self.tokens)


def _without(patients: Patients, names: Iterable[str]) -> Patients:
    return patients.only(*(name for name in patients.modalities if name not in set(names)))
