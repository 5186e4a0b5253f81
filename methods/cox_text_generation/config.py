"""Settings of Cox-supervised text generation: those of the method, and the switches of its ablations."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from methods.cox_text_generation.language_model import ModelSize
from methods.cox_text_generation.prompts import Style
from methods.cox_text_generation.targets import TargetName
from methods.cox_text_generation.teachers import TeacherName
from methods.shared.training.loop import TrainingSettings, warm_up_cosine

Supervision: TypeAlias = Literal["teacher", "observed"]

WARM_UP_SHARE = 0.05
CLIP_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of teacher, text, model and training.

    Parameters
    ----------
    supervision : {"teacher", "observed"}
        Whose numbers are taught: the teacher's, or, as an ablation, the rank of what was observed of each training
        patient (``observed.event_ranks``); this asks for ``target="rank"`` and ``aug_rows=0``.
    teacher : {"cox", "cox_poly2", "rsf", "km"}
        The Cox model; or, as ablations, one with squares and products of its covariates, the suite's random survival
        forest, and the Kaplan-Meier curve, which says the same of everybody.
    train_fraction : float
        Share of the training patients, of those with and of those without an event, that teacher and student get.
    target : {"event_prob", "rank", "log_hr"}
        The number to write: probability of an event by the teacher's horizon in percent, rank of the linear
        predictor among the training patients, or the linear predictor.
    digits : int
        Digits of that number.
    style : {"coded", "natural"}
        Prompts of a token for each covariate, level and digit of a number's rank; or sentences with the values.
    column_order : {"fixed", "shuffled"}
        Whether training prompts have the covariates in the table's order, or in a random one each time.
    aug_rows : int
        Covariate vectors, recombined from training patients and labelled by the teacher, beside the training
        patients; 0 is the published setting.
    penalty : float
        Penalty of a Cox teacher.
    backbone : {"scratch", "hf"}
        A model with random weights; "hf", a pretrained one, needs a local checkpoint and is refused.
    hidden, layers, heads, feed_forward_ratio : int
        Shape of the transformer; half as many key-value heads as heads.
    dropout : float
        Share of attention weights dropped in training.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first 5 % of the steps and falls to 0 by a cosine.
    batch_size : int
        Prompts in a batch.
    steps : int
        Most batches.
    evaluate_every : int
        Batches between two looks at the validation part.
    patience : int
        Looks without a better one after which training stops.
    permute_targets : bool
        Teach every patient the number of another one: the null, in which nothing must be learnt.
    """

    supervision: Supervision = "teacher"
    teacher: TeacherName = "cox"
    train_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    target: TargetName = "event_prob"
    digits: Annotated[int, Field(ge=2, le=3)] = 3
    style: Style = "coded"
    column_order: Literal["fixed", "shuffled"] = "fixed"
    aug_rows: Annotated[int, Field(ge=0)] = 6000
    penalty: Annotated[float, Field(gt=0)] = 0.1
    backbone: Literal["scratch", "hf"] = "scratch"
    hidden: Annotated[int, Field(ge=8)] = 64
    layers: Annotated[int, Field(ge=1)] = 2
    heads: Annotated[int, Field(ge=1)] = 4
    feed_forward_ratio: Annotated[int, Field(ge=1)] = 4
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    batch_size: Annotated[int, Field(ge=1)] = 32
    steps: Annotated[int, Field(ge=1)] = 2400
    evaluate_every: Annotated[int, Field(ge=1)] = 100
    patience: Annotated[int, Field(ge=1)] = 10
    permute_targets: bool = False

    def __post_init__(self) -> None:
        if self.backbone == "hf":
            raise ValueError(
                "backbone hf needs a local checkpoint of a pretrained model, and the path that reads one is not there "
                "yet; take backbone=scratch"
            )
        if self.supervision == "observed" and (self.target != "rank" or self.aug_rows):
            raise ValueError(
                "supervision observed teaches the rank of what was observed, and nothing was observed of recombined "
                "patients; take target=rank and aug_rows=0"
            )
        if self.hidden % (2 * self.heads):
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of twice the heads ({self.heads})")

    @property
    def size(self) -> ModelSize:
        """Shape of the model."""
        return ModelSize(
            self.hidden,
            self.layers,
            self.heads,
            max(1, self.heads // 2),
            self.feed_forward_ratio,
            self.dropout,
        )

    @property
    def training(self) -> TrainingSettings:
        """Settings of the shared training loop."""
        return TrainingSettings(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            steps=self.steps,
            patience=self.patience,
            clip_norm=CLIP_NORM,
            schedule=warm_up_cosine(self.steps, round(WARM_UP_SHARE * self.steps)),
        )
