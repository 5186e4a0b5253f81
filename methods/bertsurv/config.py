"""Settings of BERTSurv."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from benchmarks.encoders.known_models import HF
from benchmarks.encoders.model_folder import pinned
from methods.shared.heads.cox_head import Ties
from methods.shared.text.tokens import Cut
from methods.shared.training.bag_network import BagNetworkConfig
from methods.shared.training.block_network import BlockNetworkConfig

Loss: TypeAlias = Literal["pll", "bce"]
SelectBy: TypeAlias = Literal["loss", "concordance"]
Expression: TypeAlias = Literal["joint", "latents"]
Pool: TypeAlias = Literal["mean", "cls"]

# Encoders by name; others are folders, ``hf:<folder>``.
TFIDF, SCRATCH, MINILM = "tfidf", "scratch", "minilm"

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
    encoder : str
        What makes vectors of notes: ``minilm``; a pretrained encoder in Hugging Face's layout, ``hf:<folder>``;
        ``scratch``, a small BERT that is pretrained on the training notes alone; or ``tfidf``, words and pairs of words
        weighted by how rare they are.
    truncate : {"chunks", "head_tail", "head", "tail"}
        What an encoder reads of a note that is too long: all of it, in pieces, of which gated attention makes one
        vector; a quarter of the tokens from its beginning and the rest from its end; its beginning; its end.
    max_tokens : int
        Most tokens of a piece.
    pool : {"mean", "cls"}
        What stands for a piece: the mean over its tokens in the last layer, or the first token there.
    train_last_layers : int
        How many of the encoder's last layers are tuned, with the network, before the network is trained on their
        vectors; 0: the encoder is frozen.
    tune_epochs, tune_batch_size, tune_learning_rate
        Of the tuning; the learning rate is the encoder's, the network has its own.
    attention : bool
        Whether it is kept where in a note the encoder's heads look; each predicted note is read once more for it.
    words, text_components : int
        Words and pairs of words that are counted, and components that are kept of them (tfidf).
    scratch_width, scratch_layers, scratch_heads, scratch_vocabulary : int
        Shape of the small BERT and most tokens of its tokenizer (scratch).
    mlm_epochs : int
        Passes over the training notes in which it guesses masked tokens (scratch).
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
    encoder: str = MINILM
    truncate: Cut = "chunks"
    max_tokens: Annotated[int, Field(ge=8)] = 256
    pool: Pool = "mean"
    train_last_layers: Annotated[int, Field(ge=0)] = 0
    tune_epochs: Annotated[int, Field(ge=1)] = 3
    tune_batch_size: Annotated[int, Field(ge=2)] = 32
    tune_learning_rate: Annotated[float, Field(gt=0)] = 5e-5
    attention: bool = False
    words: Annotated[int, Field(ge=2)] = 2000
    text_components: Annotated[int, Field(ge=1)] = 64
    scratch_width: Annotated[int, Field(ge=8)] = 256
    scratch_layers: Annotated[int, Field(ge=1)] = 4
    scratch_heads: Annotated[int, Field(ge=1)] = 4
    scratch_vocabulary: Annotated[int, Field(gt=260)] = 8000
    mlm_epochs: Annotated[int, Field(ge=0)] = 5
    note_width: Annotated[int, Field(ge=1)] = 32
    latent_width: Annotated[int, Field(ge=1)] = 32
    width: Annotated[int, Field(ge=1)] = 128
    layers: Annotated[int, Field(ge=1)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3

    def __post_init__(self) -> None:
        if self.encoder not in (TFIDF, SCRATCH, MINILM) and not self.encoder.startswith(HF):
            raise ValueError(f"encoder {self.encoder!r}: take {MINILM}, {SCRATCH}, {TFIDF} or {HF}<folder>")
        if self.train_last_layers and (self.encoder == TFIDF or not self.notes):
            raise ValueError("without an encoder there are no layers to tune; take train_last_layers=0")
        if self.attention and (self.encoder == TFIDF or not self.notes):
            raise ValueError("without an encoder there is no attention; take attention=false")
        if self.scratch_width % self.scratch_heads:
            raise ValueError(f"{self.scratch_heads} heads do not divide a scratch_width of {self.scratch_width}")
        if self.encoder == SCRATCH and self.pool == "cls" and not self.mlm_epochs:
            raise ValueError("the first token of an untrained encoder says nothing; take pool=mean or mlm_epochs >= 1")
        # The key of a cell hangs on settings: a folder whose content changes must change them, too.
        if self.encoder not in (TFIDF, SCRATCH):
            object.__setattr__(self, "encoder", pinned(self.encoder))

    @property
    def hidden(self) -> list[int]:
        """Nodes of each hidden layer."""
        return [self.width] + [max(1, self.width // 4)] * (self.layers - 1)

    def network_settings(self, patients: int) -> BagNetworkConfig:
        """Return how the network on the vectors of n training patients is fed and trained.

        A tuned encoder has seen the outcome of all of them, inner folds as well: each network is trained on all and
        stopped by the validation part then.
        """
        return BagNetworkConfig(
            components=self.components,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            batch_size=self.batch_size or max(2, patients),
            balanced_batches=self.balanced_batches,
            epochs=self.epochs,
            patience=self.patience,
            modality_dropout=self.modality_dropout,
            members=1 if self.train_last_layers else self.members,
            bag=self.text if self.notes else "",
            clip_norm=CLIP_NORM,
        )
