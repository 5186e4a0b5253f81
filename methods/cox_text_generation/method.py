"""Cox-supervised text generation, by a small model from scratch or a pretrained one."""

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.types import TEACHER, Cohort, Context, FloatArray, Patients, Prediction, Table, Trial
from methods.cox_text_generation.augmentation import part_of
from methods.cox_text_generation.config import Config
from methods.cox_text_generation.distillation import distil
from methods.cox_text_generation.pretrained_student import PretrainedStudent
from methods.cox_text_generation.probe import RidgeProbe
from methods.cox_text_generation.prompts import NaturalPrompts, make_prompts
from methods.cox_text_generation.student import Student
from methods.cox_text_generation.targets import make_target
from methods.cox_text_generation.teachers import make_teacher
from methods.cox_text_generation.training_targets import TrainingTargets, targets_of_outcomes, targets_of_teacher
from methods.shared.curves import proportional_hazards_survival

# Below this correlation with the teacher on the validation part a student is not what it is meant to be.
FAITHFUL = 0.9

# Name of the row whose risk is the mean of all numbers the student might have written, to the decimals it was taught.
EXPECTED = "expected"

# Name of the row of the ridge regression on a pretrained model's frozen states.
PROBE = "probe"


class CoxTextGeneration:
    """A language model that learns to write the risk a Cox model assigns (after Kuo, Gallego & Jorm 2026).

    Its loss is that of the written tokens alone: no survival loss, no regression head. The main prediction is the
    number it writes (greedy decoding), the variant ``expected`` the mean of all it might write, rounded to as many
    decimals, the variant ``teacher`` the Cox model's, or that of another teacher. Curves are the teacher's for the
    linear predictor the number stands for.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit the teacher on the training patients, and the student on what it says; select on the teacher's risk.

        Under ``supervision="observed"`` the student is fitted on what was observed, selected on outcomes, and the
        teacher gives the curves alone.
        """
        config = self.config
        train = part_of(train, config.train_fraction, context.generator("train fraction"))
        table = train.patients.table().blanked()
        with context.timed(TEACHER):
            self.teacher = make_teacher(config.teacher, config.penalty, train, context)
        self.target = make_target(
            config.target,
            config.digits,
            train_linear_predictor=self.teacher.linear_predictor(table),
            cumulative_hazard=float(self.teacher.cumulative_hazard(np.array([self.teacher.horizon]))[0]),
        )
        if config.supervision == "observed":
            targets = targets_of_outcomes(train, validation, config, context)
        else:
            targets = targets_of_teacher(
                self.teacher, self.target, table, validation.patients.table().blanked(), config, context
            )
        self.student = self._untaught(table, targets.median, context)
        self.probe = self._probed(table, validation.patients.table().blanked(), targets)
        context.logger.info("student %s", self.student.label)
        recipe = config.recipe
        record = distil(
            self.student,
            targets,
            (recipe.batch_size // config.accumulate, recipe.evaluate_every * config.accumulate),
            config.training,
            shuffle_columns=config.column_order == "shuffled",
            context=context,
        )
        if targets.ranks_as_teacher and -record.best_loss < FAITHFUL:
            context.logger.warning(
                "on the validation part the student's risk has a rank correlation of %.3f with its teacher's, below "
                "%.1f: it does not say what it was taught",
                -record.best_loss,
                FAITHFUL,
            )

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return what the student writes, what it says on average, and what its teacher says."""
        table = patients.table().blanked()
        taught = self.teacher.linear_predictor(table)
        written = self.student.written(table)
        # Differences finer than any it was taught are no opinion; unrounded, a student that has learnt nothing would
        # rank patients by them.
        expected = self.target.format.rounded(self.student.expected(table))
        return Prediction(
            written.numbers,
            times,
            self._curves(written.numbers, times),
            texts=tuple(written.texts),
            parseable=~written.unparseable,
            states=self._states(table),
            diagnostics={
                "distinct_outputs": float(len(set(written.texts))),
                "target_mae": self._error(written.numbers, taught),
                **self.student.diagnostics(float(written.unparseable.mean())),
            },
            variants={
                **self._probe_row(table, times),
                EXPECTED: Prediction(
                    expected,
                    times,
                    self._curves(expected, times),
                    diagnostics={"target_mae": self._error(expected, taught)},
                ),
                TEACHER: Prediction(taught, times, self.teacher.survival(table, times)),
            },
        )

    def _untaught(self, table: Table, fallback: float, context: Context) -> Student | PretrainedStudent:
        config = self.config
        if not config.pretrained_architecture:
            prompts = make_prompts("natural" if config.style == "natural" else "coded").fit(table)
            return Student(prompts, self.target.format, fallback, config.size, table, context)
        return PretrainedStudent(NaturalPrompts().fit(table), self.target.format, fallback, config, table, context)

    def _probed(self, train: Table, validation: Table, targets: TrainingTargets) -> RidgeProbe | None:
        """Fit the probe of a pretrained architecture on its states before training, and on what it will be taught."""
        if not isinstance(self.student, PretrainedStudent):
            return None
        to_write = self.target.format.rounded(targets.numbers[: len(train)])
        return RidgeProbe(
            self.student.layer_means(train),
            self.student.layer_means(validation),
            self.target.linear_predictor(to_write),
            lambda predicted: targets.selection_loss(self.target.numbers(predicted)),
        )

    def _probe_row(self, table: Table, times: FloatArray) -> dict[str, Prediction]:
        if self.probe is None or not isinstance(self.student, PretrainedStudent):
            return {}
        said = self.probe.linear_predictor(self.student.layer_means(table))
        curves = proportional_hazards_survival(said, self.teacher.cumulative_hazard(times))
        return {PROBE: Prediction(said, times, curves, diagnostics={"layer": float(self.probe.layer)})}

    def _curves(self, numbers: FloatArray, times: FloatArray) -> FloatArray:
        hazard = self.teacher.cumulative_hazard(times)
        return proportional_hazards_survival(self.target.linear_predictor(numbers), hazard)

    def _states(self, table: Table) -> dict[str, Any]:
        return {
            "hidden": self.student.states(table),
            "hidden_untrained": self.student.states(table, trained=False),
        }

    def _error(self, numbers: FloatArray, taught: FloatArray) -> float:
        """Return the mean absolute difference from the teacher's numbers, in the unit they are written in."""
        return float(np.abs(numbers - self.target.numbers(taught)).mean())

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw model, training, augmentation and teacher; the objective is the run's, declared with it."""
        shared = replace(
            config,
            digits=trial.suggest_categorical("digits", [2, 3]),
            penalty=trial.suggest_float("penalty", 1e-4, 10.0, log=True),
            learning_rate=trial.suggest_float("learning_rate", 1e-5, 3e-3, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-3, 0.3, log=True),
        )
        if config.pretrained_architecture:
            return replace(
                shared,
                last_layers=trial.suggest_categorical("last_layers", [2, 4, 6]),
                lora_rank=trial.suggest_categorical("lora_rank", [4, 8, 16, 32]),
                steps=trial.suggest_categorical("steps", [80, 160, 320]),
            )
        return replace(
            shared,
            aug_rows=trial.suggest_categorical("aug_rows", [0, 2000, 6000, 20000]),
            hidden=trial.suggest_categorical("hidden", [64, 128, 256]),
            layers=trial.suggest_categorical("layers", [2, 4, 6]),
            feed_forward_ratio=trial.suggest_categorical("feed_forward_ratio", [2, 4]),
            dropout=trial.suggest_float("dropout", 0.0, 0.3),
            steps=trial.suggest_categorical("steps", [600, 1200, 2400]),
        )
