"""Cox-supervised text generation, trained from scratch."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from benchmarks.types import TEACHER, Cohort, Context, FloatArray, Patients, Prediction, Table
from methods.cox_text_generation.augmentation import recombined
from methods.cox_text_generation.distillation import Lessons, Rounds, distil, permuted
from methods.cox_text_generation.language_model import ModelSize, parameters_in_millions
from methods.cox_text_generation.prompts import Style, make_prompts
from methods.cox_text_generation.student import Student
from methods.cox_text_generation.targets import TargetName, make_target
from methods.cox_text_generation.teacher import CoxTeacher
from methods.shared.training import TrainingSettings, warm_up_cosine

WARM_UP_SHARE = 0.05
CLIP_NORM = 1.0

# Below this correlation with the teacher on the validation part a student is not what it is meant to be.
FAITHFUL = 0.9

# Name of the row whose risk is the mean of all numbers the student might have written.
EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of teacher, text, model and training.

    Parameters
    ----------
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
    ridge : float
        Penalty of the teacher.
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

    target: TargetName = "event_prob"
    digits: Annotated[int, Field(ge=2, le=3)] = 3
    style: Style = "coded"
    column_order: Literal["fixed", "shuffled"] = "fixed"
    aug_rows: Annotated[int, Field(ge=0)] = 6000
    ridge: Annotated[float, Field(gt=0)] = 0.1
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


class CoxTextGeneration:
    """A language model that learns to write the risk a Cox model assigns (after Kuo, Gallego & Jorm 2026).

    Its loss is that of the written tokens alone: no survival loss, no regression head. The main prediction is the
    number it writes (greedy decoding), the variant ``expected`` the mean of all it might write, the variant
    ``teacher`` the Cox model's. Curves are the teacher's for the linear predictor the number stands for.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit the teacher on the training patients, and the student on what it says; select on the teacher's risk."""
        config = self.config
        table = train.patients.table()
        with context.timed(TEACHER):
            self.teacher = CoxTeacher(config.ridge).fit(train)
        of_train = self.teacher.linear_predictor(table)
        self.target = make_target(
            config.target,
            config.digits,
            train_linear_predictor=of_train,
            cumulative_hazard=float(self.teacher.cumulative_hazard(np.array([self.teacher.horizon]))[0]),
        )
        median = float(np.median(self.target.numbers(of_train)))
        prompts = make_prompts(config.style).fit(table)
        self.student = Student(prompts, self.target.format, median, config.size, table, context)
        context.logger.info("student %s", self.label)
        tables: tuple[Table, ...] = (table,)
        if config.aug_rows:
            tables += (recombined(table, config.aug_rows, context.generator("augmentation")),)
        risk = np.concatenate([self.teacher.linear_predictor(part) for part in tables])
        selection_risk = self.teacher.linear_predictor(validation.patients.table())
        if config.permute_targets:
            generator = context.generator("permutation")
            risk, selection_risk = permuted(risk, generator), permuted(selection_risk, generator)
        record = distil(
            self.student,
            Lessons(tables, self.target.numbers(risk)),
            validation.patients.table(),
            selection_risk,
            Rounds(len(risk), config.batch_size, config.evaluate_every),
            config.training,
            shuffle_columns=config.column_order == "shuffled",
            context=context,
        )
        if -record.best_loss < FAITHFUL:
            context.logger.warning(
                "on the validation part the student's risk has a rank correlation of %.3f with its teacher's, below "
                "%.1f: it does not say what it was taught",
                -record.best_loss,
                FAITHFUL,
            )

    @property
    def label(self) -> str:
        """What stands behind the results: the kind of model and its size, such as ``scratch-0.99M``."""
        return f"{self.config.backbone}-{parameters_in_millions(self.student.model):.2f}M"

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return what the student writes, what it says on average, and what its teacher says."""
        table = patients.table()
        taught = self.teacher.linear_predictor(table)
        written = self.student.written(table)
        expected = self.student.expected(table)
        return Prediction(
            written.numbers,
            times,
            self._curves(written.numbers, times),
            texts=tuple(written.texts),
            states=self._states(table),
            diagnostics={
                "unparseable_share": float(written.unparseable.mean()),
                "distinct_outputs": float(len(set(written.texts))),
                "target_mae": self._error(written.numbers, taught),
                "parameters_in_millions": parameters_in_millions(self.student.model),
            },
            variants={
                EXPECTED: Prediction(
                    expected,
                    times,
                    self._curves(expected, times),
                    diagnostics={"target_mae": self._error(expected, taught)},
                ),
                TEACHER: Prediction(taught, times, self.teacher.survival(taught, times)),
            },
        )

    def _curves(self, numbers: FloatArray, times: FloatArray) -> FloatArray:
        return self.teacher.survival(self.target.linear_predictor(numbers), times)

    def _states(self, table: Table) -> dict[str, Any]:
        return {
            "hidden": self.student.states(table),
            "hidden_untrained": self.student.states(table, trained=False),
        }

    def _error(self, numbers: FloatArray, taught: FloatArray) -> float:
        """Return the mean absolute difference from the teacher's numbers, in the unit they are written in."""
        return float(np.abs(numbers - self.target.numbers(taught)).mean())

    @staticmethod
    def search_space(trial: Any) -> Config:
        """Draw model, training, augmentation and teacher; the objective is the run's, declared with it."""
        return Config(
            digits=trial.suggest_categorical("digits", [2, 3]),
            aug_rows=trial.suggest_categorical("aug_rows", [0, 2000, 6000, 20000]),
            ridge=trial.suggest_float("ridge", 1e-4, 10.0, log=True),
            hidden=trial.suggest_categorical("hidden", [64, 128, 256]),
            layers=trial.suggest_categorical("layers", [2, 4, 6]),
            feed_forward_ratio=trial.suggest_categorical("feed_forward_ratio", [2, 4]),
            dropout=trial.suggest_float("dropout", 0.0, 0.3),
            learning_rate=trial.suggest_float("learning_rate", 1e-5, 3e-3, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-3, 0.3, log=True),
            steps=trial.suggest_categorical("steps", [600, 1200, 2400]),
        )
