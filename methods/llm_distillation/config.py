"""Settings of the distilled student."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from benchmarks.encoders.model_folder import pinned
from methods.llm_distillation.calibration_correction import Correction
from methods.llm_distillation.fusion import Fusion
from methods.llm_distillation.heads import HeadName
from methods.llm_distillation.teachers import HorizonRule, pinned_file
from methods.shared.text.precision import Precision
from methods.shared.text.scratch import Size
from methods.shared.training.loop import TrainingSettings, warm_up_cosine

Output: TypeAlias = Literal["hidden", "verbalized", "combined"]
ModalityHeads: TypeAlias = Literal["joint", "tuned", "frozen"]

SCRATCH = "scratch"
# Names of teachers; a path stands behind the last one.
SURROGATE, STORED, FILE = "surrogate", "file", "file:"

WARM_UP_SHARE = 0.05
CLIP_NORM = 1.0
# Learning rate of modality heads that were trained alone before, as a share of that of the others.
TUNED = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """What suits one backbone or another; ``Config`` says what each number is."""

    trained: Literal["last_layers", "lora", "full"]
    language_rate: float
    batch_size: int
    accumulate: int
    epochs: int
    max_tokens: int


RECIPES = {
    SCRATCH: Recipe("full", language_rate=1e-3, batch_size=8, accumulate=1, epochs=24, max_tokens=320),
    "last_layers": Recipe("last_layers", language_rate=2e-5, batch_size=8, accumulate=4, epochs=10, max_tokens=820),
    "lora": Recipe("lora", language_rate=1e-4, batch_size=8, accumulate=4, epochs=10, max_tokens=820),
    "full": Recipe("full", language_rate=2e-5, batch_size=8, accumulate=4, epochs=10, max_tokens=820),
}


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of teacher, texts, model and training.

    Where a default is None, it is what suits the backbone (``RECIPES``), written out when settings are made.

    Parameters
    ----------
    output : {"hidden", "verbalized", "combined"}
        Which curve is the main row: that of the hidden state, that of the written numbers, or their mean with a weight
        chosen on the validation part. The other two are rows of their own.
    fusion : {"text", "early", "late"}
        Text alone; one network of the text's state and all other modalities; or outputs of each modality, weighted by
        a gate.
    modality_heads : {"joint", "tuned", "frozen"}
        Whether the parts on other modalities are trained with the rest from the start, or alone before, and then at a
        tenth of the learning rate or not at all.
    head : {"logistic_hazard", "cox", "mtlr", "deephit"}
        What the outputs mean.
    intervals : int
        K of a discrete head; each has equally many training events.
    text_loss : bool
        Whether the student learns to write; if not there is the hidden row alone.
    text_weight : float
        lambda, weight of the text loss beside the survival loss.
    calibration_correction : {"off", "any", "last", "majority", "probabilistic"}
        Whether a teacher's text is left out, or weighted, by what was observed; see ``calibration_correction``.
    teacher : str
        Who answers for the patients: ``surrogate``, a Cox model that is fitted on the training patients; ``file``, what
        language models once said of the patients, as the dataset has it; ``file:<path>``, a file of such answers, whose
        checksum is written out behind it; or a causal model on this machine, named as ``backbone`` is, which is asked.
    teacher_noise, teacher_miscalibration : float
        Of the surrogate: standard deviation of an error of each patient's log cumulative hazard, and factor of
        everybody's cumulative hazard. A teacher that is wrong on purpose, to see what a correction does.
    horizons : {"auto", "months", "quantiles"}
        When: after 12, 36 and 60 months, at the quartiles of the times of the training events, or the months where the
        follow-up allows it.
    text : str
        The modality that holds the reports.
    long_reports : {"cut", "chunks"}
        A report that does not fit is cut, or each chunk of it is summarised by its most typical sentences.
    max_tokens : int
        Most tokens of a prompt.
    answer_tokens : int
        Most tokens of an answer, of those that are taught and of those that are written.
    components : int
        Most principal components of a modality that is neither text nor table; 0: its columns.
    backbone : str
        ``scratch``, a small model with random weights and a tokenizer of the training texts; ``smollm2-135m``; or
        ``hf:<folder>``, ``hf:<id>@<revision>`` of a causal model. A folder's checksum is written out behind it.
    weights : {"auto", "pretrained", "fresh"}
        Of a backbone other than scratch: "fresh" draws them anew, the control of what pretraining gives.
    trained : {"last_layers", "lora", "full"}
        What of it is trained: its last layers, on the output of the frozen ones below, which read each prompt once;
        low-rank additions to all layers; or everything.
    trained_fraction : float
        Share of the layers that ``last_layers`` trains; published are 18 of 28.
    lora_rank : int
        Rank of the additions.
    precision : {"auto", "float32", "bfloat16"}
        "auto" is bfloat16 where that is fast.
    checkpointing : bool
        Whether less memory is taken for more time, by computing states again for the gradient.
    width, layers, heads, feed_forward, vocabulary : int
        Shape of a scratch transformer, and most tokens of its tokenizer.
    projection : int
        Rows of P, which brings the text's state to the size of the other modalities.
    dropout : float
        Share dropped in all layers that are not the language model's.
    language_rate, head_rate : float
        Learning rate of the language model, and of everything else.
    weight_decay : float
        Of AdamW.
    batch_size : int
        Patients in a batch; with ``head=cox`` they are the risk set.
    accumulate : int
        Batches that make one step of the optimiser.
    epochs, patience : int
        Most passes over the training patients; passes without a better one after which training stops, from half of
        them on.
    select_by : {"both", "hidden"}
        What is best: the mean of the C-td of the hidden and of the written curves of the validation part, the latter
        times the share of texts that can be read; or the C-td of the hidden ones alone, as published, which may choose
        a student that has not learnt to write.
    """

    output: Output = "combined"
    fusion: Fusion = "late"
    modality_heads: ModalityHeads = "tuned"
    head: HeadName = "logistic_hazard"
    intervals: Annotated[int, Field(ge=2)] = 20
    text_loss: bool = True
    text_weight: Annotated[float, Field(gt=0)] = 0.3
    calibration_correction: Correction = "any"
    teacher: str = "surrogate"
    teacher_noise: Annotated[float, Field(ge=0)] = 0.0
    teacher_miscalibration: Annotated[float, Field(gt=0)] = 1.0
    horizons: HorizonRule = "auto"
    text: str = "text"
    long_reports: Literal["cut", "chunks"] = "cut"
    max_tokens: Annotated[int, Field(ge=64)] | None = None
    answer_tokens: Annotated[int, Field(ge=16)] = 64
    components: Annotated[int, Field(ge=0)] = 32
    backbone: str = SCRATCH
    weights: Literal["auto", "pretrained", "fresh"] = "auto"
    trained: Literal["last_layers", "lora", "full"] | None = None
    trained_fraction: Annotated[float, Field(gt=0, le=1)] = 18 / 28
    lora_rank: Annotated[int, Field(ge=1)] = 16
    precision: Precision = "auto"
    checkpointing: bool = False
    width: Annotated[int, Field(ge=8)] = 128
    layers: Annotated[int, Field(ge=1)] = 4
    heads: Annotated[int, Field(ge=1)] = 4
    feed_forward: Annotated[int, Field(ge=8)] = 512
    vocabulary: Annotated[int, Field(gt=260)] = 4096
    projection: Annotated[int, Field(ge=1)] = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    language_rate: Annotated[float, Field(gt=0)] | None = None
    head_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    batch_size: Annotated[int, Field(ge=2)] | None = None
    accumulate: Annotated[int, Field(ge=1)] | None = None
    epochs: Annotated[int, Field(ge=1)] | None = None
    patience: Annotated[int, Field(ge=1)] = 3
    select_by: Literal["both", "hidden"] = "both"

    def __post_init__(self) -> None:
        scratch = self.backbone == SCRATCH
        if scratch and self.weights == "pretrained":
            raise ValueError("a scratch backbone has no pretrained weights; take backbone=smollm2-135m or hf:<folder>")
        if not self.text_loss and self.output != "hidden":
            raise ValueError(
                f"without a text loss nothing is written, and there is no row {self.output}: output=hidden"
            )
        if self.teacher != SURROGATE and (self.teacher_noise, self.teacher_miscalibration) != (0.0, 1.0):
            raise ValueError("teacher_noise and teacher_miscalibration are of the surrogate; take teacher=surrogate")
        if self.width % self.heads:
            raise ValueError(f"width ({self.width}) must be a multiple of the heads ({self.heads})")
        written_out: dict[str, Any] = {
            "backbone": self.backbone if scratch else pinned(self.backbone),
            "weights": self.weights if self.weights != "auto" else "fresh" if scratch else "pretrained",
        }
        if self.teacher.startswith(FILE):
            written_out["teacher"] = FILE + pinned_file(self.teacher.removeprefix(FILE))
        elif self.teacher not in (SURROGATE, STORED):
            written_out["teacher"] = pinned(self.teacher)
        for name, value in asdict(RECIPES[SCRATCH if scratch else self.trained or "last_layers"]).items():
            given = getattr(self, name)
            written_out[name] = value if given is None else given
        for name, value in written_out.items():
            object.__setattr__(self, name, value)

    @property
    def recipe(self) -> Recipe:
        """What suits the backbone, or was given instead."""
        given: dict[str, Any] = {name: getattr(self, name) for name in asdict(RECIPES[SCRATCH])}
        return Recipe(**given)

    @property
    def size(self) -> Size:
        """Shape of a scratch model."""
        return Size(
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            feed_forward=self.feed_forward,
            positions=self.recipe.max_tokens + self.answer_tokens,
            dropout=0.0,
        )

    def training(self, rows: int) -> TrainingSettings:
        """Return the settings of the shared loop for n training patients."""
        recipe = self.recipe
        steps = recipe.epochs * -(-rows // (recipe.batch_size * recipe.accumulate))
        return TrainingSettings(
            learning_rate=self.head_rate,
            weight_decay=self.weight_decay,
            epochs=recipe.epochs,
            patience=self.patience,
            # Before, a student is still learning to write.
            stop_from=max(1, recipe.epochs // 2),
            clip_norm=CLIP_NORM,
            accumulate=recipe.accumulate,
            schedule=warm_up_cosine(steps, max(1, round(WARM_UP_SHARE * steps))),
        )
