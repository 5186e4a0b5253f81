"""Settings of Cox-supervised text generation: those of the method, and the switches of its ablations."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from benchmarks.encoders.model_folder import pinned
from methods.cox_text_generation.language_model import ModelSize
from methods.cox_text_generation.targets import TargetName
from methods.cox_text_generation.teachers import TeacherName
from methods.shared.text.precision import Precision
from methods.shared.training.loop import TrainingSettings, warm_up_cosine

Supervision: TypeAlias = Literal["teacher", "observed"]

WARM_UP_SHARE = 0.05
CLIP_NORM = 1.0


SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What suits one backbone or another; ``Config`` says what each number is."""

    learning_rate: float
    batch_size: int
    steps: int
    evaluate_every: int
    aug_rows: int


# Those of a pretrained model are where training was seen to work on one fold of gbsg2; nothing was tuned.
RECIPES = {
    SCRATCH: Recipe(learning_rate=1e-3, batch_size=32, steps=2400, evaluate_every=100, aug_rows=6000),
    "last_layers": Recipe(learning_rate=3e-4, batch_size=16, steps=160, evaluate_every=40, aug_rows=0),
    "lora": Recipe(learning_rate=2e-4, batch_size=16, steps=160, evaluate_every=40, aug_rows=0),
    "full": Recipe(learning_rate=5e-5, batch_size=16, steps=160, evaluate_every=40, aug_rows=0),
}


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of teacher, text, model and training.

    Where a default is None, it is what suits the backbone (``RECIPES``), written out when settings are made.

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
    style : {"auto", "coded", "natural"}
        Prompts of a token for each covariate, level and digit of a number's rank; or sentences with what covariates
        mean, values and units. A pretrained model reads sentences; "auto" is "coded" for a scratch one.
    column_order : {"fixed", "shuffled"}
        Whether training prompts have the covariates in the table's order, or in a random one each time.
    aug_rows : int
        Covariate vectors, recombined from training patients and labelled by the teacher, beside the training
        patients; 0 is the published setting.
    penalty : float
        Penalty of a Cox teacher.
    backbone : str
        ``scratch``, a small model with random weights and a vocabulary of its own; ``smollm2-135m``; or
        ``hf:<folder>``, ``hf:<id>@<revision>`` of a causal model. A folder's checksum is written out behind it.
    weights : {"auto", "pretrained", "fresh"}
        Of a backbone other than scratch: "fresh" draws them anew, the control of what pretraining gives.
    trained : {"last_layers", "lora", "full"}
        What of such a backbone is trained: its last layers, on the output of the frozen ones below, which read each
        prompt once; low-rank additions to all layers; or everything.
    last_layers, lora_rank : int
        Number of those layers, rank of those additions.
    precision : {"auto", "float32", "bfloat16"}
        Of such a backbone; "auto" is bfloat16 where that is fast.
    checkpointing : bool
        Whether less memory is taken for more time, by computing states again for the gradient.
    hidden, layers, heads, feed_forward_ratio : int
        Shape of a scratch transformer; half as many key-value heads as heads.
    dropout : float
        Share of attention weights dropped in training.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first 5 % of the steps and falls to 0 by a cosine.
    batch_size : int
        Prompts in a step of the optimiser.
    accumulate : int
        Batches that such a step is divided into, for less memory.
    steps : int
        Most steps.
    evaluate_every : int
        Steps between two looks at the validation part.
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
    style: Literal["auto", "coded", "natural"] = "auto"
    column_order: Literal["fixed", "shuffled"] = "fixed"
    aug_rows: Annotated[int, Field(ge=0)] | None = None
    penalty: Annotated[float, Field(gt=0)] = 0.1
    backbone: str = SCRATCH
    weights: Literal["auto", "pretrained", "fresh"] = "auto"
    trained: Literal["last_layers", "lora", "full"] = "last_layers"
    last_layers: Annotated[int, Field(ge=1)] = 6
    lora_rank: Annotated[int, Field(ge=1)] = 16
    precision: Precision = "auto"
    checkpointing: bool = False
    hidden: Annotated[int, Field(ge=8)] = 64
    layers: Annotated[int, Field(ge=1)] = 2
    heads: Annotated[int, Field(ge=1)] = 4
    feed_forward_ratio: Annotated[int, Field(ge=1)] = 4
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    batch_size: Annotated[int, Field(ge=1)] | None = None
    accumulate: Annotated[int, Field(ge=1)] = 1
    steps: Annotated[int, Field(ge=1)] | None = None
    evaluate_every: Annotated[int, Field(ge=1)] | None = None
    patience: Annotated[int, Field(ge=1)] = 10
    permute_targets: bool = False

    def __post_init__(self) -> None:
        scratch = self.backbone == SCRATCH
        if scratch and self.weights == "pretrained":
            raise ValueError("a scratch backbone has no pretrained weights; take backbone=smollm2-135m or hf:<folder>")
        if not scratch and self.style == "coded":
            raise ValueError("a pretrained tokenizer knows no coded prompts; take style=natural")
        written_out: dict[str, Any] = {
            "backbone": self.backbone if scratch else pinned(self.backbone),
            "weights": self.weights if self.weights != "auto" else "fresh" if scratch else "pretrained",
            "style": self.style if self.style != "auto" else "coded" if scratch else "natural",
        }
        for name, value in asdict(RECIPES[SCRATCH if scratch else self.trained]).items():
            given = getattr(self, name)
            # Nothing was observed of recombined patients.
            suits = 0 if name == "aug_rows" and self.supervision == "observed" else value
            written_out[name] = suits if given is None else given
        for name, value in written_out.items():
            object.__setattr__(self, name, value)
        if self.recipe.batch_size % self.accumulate:
            raise ValueError(f"batch_size ({self.batch_size}) must be a multiple of accumulate ({self.accumulate})")
        if self.supervision == "observed" and (self.target != "rank" or self.recipe.aug_rows):
            raise ValueError(
                "supervision observed teaches the rank of what was observed, and nothing was observed of recombined "
                "patients; take target=rank and aug_rows=0"
            )
        if self.hidden % (2 * self.heads):
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of twice the heads ({self.heads})")

    @property
    def recipe(self) -> "Recipe":
        """What suits the backbone, or was given instead."""
        given: dict[str, Any] = {name: getattr(self, name) for name in asdict(RECIPES[SCRATCH])}
        return Recipe(**given)

    @property
    def pretrained_architecture(self) -> bool:
        """Whether the backbone is another one than scratch, whatever its weights."""
        return self.backbone != SCRATCH

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
        recipe = self.recipe
        return TrainingSettings(
            learning_rate=recipe.learning_rate,
            weight_decay=self.weight_decay,
            steps=recipe.steps,
            patience=self.patience,
            clip_norm=CLIP_NORM,
            accumulate=self.accumulate,
            schedule=warm_up_cosine(recipe.steps, round(WARM_UP_SHARE * recipe.steps)),
        )
