"""Settings of BERTSurv."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from methods.shared.heads.cox_head import Ties
from methods.shared.training.bag_network import BagNetworkConfig
from methods.shared.training.block_network import BlockNetworkConfig

Loss: TypeAlias = Literal["pll", "bce"]
SelectBy: TypeAlias = Literal["loss", "concordance"]
Expression: TypeAlias = Literal["joint", "latents"]

CLIP_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Config(BlockNetworkConfig):
    """Settings of notes, network and losses, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    batch_size : int
        Patients in a batch of the network, which are the risk set of the partial likelihood; 0: all training patients.
    text : str
        The modality that holds the notes.
    notes, measurements : bool
        Whether notes are read, and whether tables are; without notes it is a network on measurements.
    expression : {"joint", "latents"}
        Whether the components of a modality other than notes and tables pass through a layer that is trained with the
        rest, or enter as they are, as latent vectors that were learnt before.
    loss : {"pll", "bce"}
        Cox's partial likelihood; or cross-entropy of the event up to a horizon, which gives no curve.
    ties : {"breslow", "efron"}
        Of the partial likelihood.
    horizon : float
        Of the cross-entropy, in the cohort's unit of time; 0: the median observed time of the training patients.
    ipcw : bool
        Whether the cross-entropy weighs patients by the inverse probability of being observed so long.
    select_by : {"loss", "concordance"}
        What chooses the epoch of a network with the partial likelihood: the loss of the patients it is held back from,
        or their concordance. With the cross-entropy it is the loss.
    encoder : {"tfidf"}
        What makes vectors of notes: words and pairs of words, weighted by how rare they are.
    words, text_components : int
        Words and pairs of words that are counted, and components that are kept of them (tfidf).
    note_width : int
        Rows of the layer on a note's vector.
    latent_width : int
        Rows of the layer on the components of each other modality (expression=joint).
    width, layers : int
        Nodes of the first hidden layer, each later one having a quarter of them; number of hidden layers.
    dropout : float
        Share of hidden nodes dropped in training.
    """

    batch_size: Annotated[int, Field(ge=0)] = 0
    epochs: Annotated[int, Field(ge=1)] = 300
    patience: Annotated[int, Field(ge=1)] = 50
    text: str = "text"
    notes: bool = True
    measurements: bool = True
    expression: Expression = "joint"
    loss: Loss = "pll"
    ties: Ties = "breslow"
    horizon: Annotated[float, Field(ge=0)] = 0.0
    ipcw: bool = True
    select_by: SelectBy = "loss"
    encoder: Literal["tfidf"] = "tfidf"
    words: Annotated[int, Field(ge=2)] = 2000
    text_components: Annotated[int, Field(ge=1)] = 64
    note_width: Annotated[int, Field(ge=1)] = 32
    latent_width: Annotated[int, Field(ge=1)] = 32
    width: Annotated[int, Field(ge=1)] = 128
    layers: Annotated[int, Field(ge=1)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3

    @property
    def hidden(self) -> list[int]:
        """Nodes of each hidden layer."""
        return [self.width] + [max(1, self.width // 4)] * (self.layers - 1)

    def network_settings(self, patients: int) -> BagNetworkConfig:
        """Return how the network on the vectors of n training patients is fed and trained."""
        return BagNetworkConfig(
            components=self.components,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            batch_size=self.batch_size or max(2, patients),
            balanced_batches=self.balanced_batches,
            epochs=self.epochs,
            patience=self.patience,
            modality_dropout=self.modality_dropout,
            members=self.members,
            bag=self.text if self.notes else "",
            clip_norm=CLIP_NORM,
        )
