"""Distillation of a language model into a small student that says survival by its hidden state and in words."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.types import TEACHER, Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.llm_distillation.calibration_correction import text_weights
from methods.llm_distillation.config import FILE, STORED, SURROGATE, Config
from methods.llm_distillation.curves import Marginal, row
from methods.llm_distillation.deployment import measured_cost
from methods.llm_distillation.explanations import judged, shown_to
from methods.llm_distillation.fitted import FittedStudent, Said
from methods.llm_distillation.heads import HiddenCurves, make_head
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.making import make_student
from methods.llm_distillation.target_text import REASON, target_texts
from methods.llm_distillation.teachers import (
    AnswerFileTeacher,
    StoredTextTeacher,
    SurrogateSettings,
    SurrogateTeacher,
    Teacher,
    horizons_of,
    restated,
    teacher_prediction,
)
from methods.llm_distillation.teachers.language_model import LanguageModelSettings, LanguageModelTeacher
from methods.llm_distillation.training import distil, make_lesson, train_modality_heads
from methods.shared.text import diagnostics

# Validation patients that are read one by one, to measure what a patient costs.
MEASURED = 3

HIDDEN, VERBALIZED, COMBINED = "hidden", "verbalized", "combined"


class LLMDistillation:
    """A compact causal language model taught by survival times and by a teacher's texts (after Goegl & Yau 2026).

    The state behind a prompt gives a curve, the text written after it gives another, and a weight chosen on the
    validation part mixes both. The main row is one of the three, the others are variants, and so is the teacher.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Ask the teacher about the training patients, train the student on its texts and on the observed times.

        The validation part stops the training and chooses the weight of the hidden curve.
        """
        config = self.config
        with context.timed(TEACHER):
            self.teacher = make_teacher(config)
            answers = self.teacher.fit(train, context)
        horizons = Horizons.of(horizons_of(train, config.horizons), train.time_unit)
        taught: list[str | None] = [None] * len(train)
        if config.text_loss:
            said = restated(answers, horizons.grid)
            taught = target_texts(said.probabilities, horizons, said.rationales)
        weights = text_weights(config.calibration_correction, answers.probabilities, answers.horizons, train.outcome)
        head = make_head(config.head, config.intervals)
        outputs = head.prepare(train.outcome, context)
        student = make_student(train.patients, taught, horizons, outputs, head.start(train.outcome), config, context)
        read, held_out = student.read(train.patients), student.read(validation.patients)
        student.length = max(len(ids) for ids in read.ids)
        context.logger.info("student %s, teacher %s", student.label, answers.label)
        lesson = make_lesson(student, read, train.outcome, taught, weights, head)
        if config.fusion != "text" and config.modality_heads != "joint":
            with context.timed("modality heads"):
                train_modality_heads(student, head, lesson, held_out, validation.outcome, context)
        marginal = Marginal.of(train.outcome)

        def fitted() -> FittedStudent:
            curves = HiddenCurves.fit(head, lambda: student.outputs(read, student.hidden(read))[0], train.outcome)
            return FittedStudent(student, curves, horizons, marginal)

        def validation_loss() -> float:
            return fitted().selection_loss(held_out, validation.outcome, writes=config.select_by == "both")

        record = distil(student, head, lesson, validation_loss, context)
        self.student = fitted()
        self.student.tokens_seen = len(record.losses) * sum(len(ids) for ids in lesson.texts.ids)
        self.student.choose_alpha(held_out, train.outcome, validation.outcome, context)
        cost = measured_cost(self.student, validation.patients[np.arange(min(MEASURED, len(validation)))])
        context.seconds.update({"prediction of a patient": cost.hidden_seconds, "text of a patient": cost.text_seconds})
        context.logger.info(
            "a patient takes %.3f s, and %.3f s more for the text; memory grows by %.1f MB beside %.1f MB of weights",
            cost.hidden_seconds,
            cost.text_seconds,
            cost.grown_megabytes,
            cost.model_megabytes,
        )
        self._notes = {
            "model_megabytes": cost.model_megabytes,
            "texts_taught": float((weights > 0).sum()),
            "mean_text_weight": float(weights.mean()),
            "best_epoch": float(record.best_epoch),
        }

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the row of the setting ``output``, the other rows of the student, and the teacher's."""
        said = self.student.says(self.student.student.read(patients))
        shown = shown_to(patients, self.config.text)
        rows = self._rows(said, shown, times)
        main = rows.pop(self.config.output)
        states = {"hidden": said.hidden}
        if said.gate is not None:
            states["gate"] = said.gate
        answers = self.teacher.answers(patients)
        teacher = teacher_prediction(answers, times, self.student.marginal.at)
        of_teacher = judged(answers.rationales, shown).diagnostics()
        teacher = replace(teacher, diagnostics={**teacher.diagnostics, **of_teacher})
        return replace(main, states=states, variants={**rows, TEACHER: teacher})

    def _rows(self, said: Said, shown: Sequence[Sequence[str]], times: FloatArray) -> dict[str, Prediction]:
        student, grid = self.student, self.student.marginal.grid
        counts = {**said.counts, **self._notes}
        share = None if said.parsed is None else float((~said.parsed.parseable).mean())
        language = student.student.network.language
        counts |= diagnostics(language, tokens_seen=student.tokens_seen, unparseable_share=share)
        hidden = row(times, student.hidden_survival(said, times), grid, student.hidden_survival(said, grid), counts)
        if said.parsed is None:
            return {HIDDEN: hidden}
        counts |= said.parsed.counts() | {"alpha": student.alpha}
        explanations = [text.partition(REASON)[2] for text in said.texts]
        at_horizons = student.hidden_survival(said, student.horizons.grid)
        counts |= judged(explanations, shown, said.parsed.probabilities, at_horizons).diagnostics()
        verbalized = row(
            times,
            student.spoken_survival(said, times),
            grid,
            student.spoken_survival(said, grid),
            counts,
            parseable=said.parsed.parseable,
            texts=said.texts,
        )
        combined = row(
            times,
            student.combined_survival(said, times),
            grid,
            student.combined_survival(said, grid),
            counts,
            texts=said.texts,
        )
        return {HIDDEN: hidden, VERBALIZED: verbalized, COMBINED: combined}

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw rates, weights, sizes, fusion and correction; backbone, head and what is read stay."""
        return replace(
            config,
            language_rate=trial.suggest_float("language_rate", 1e-6, 1e-4, log=True),
            head_rate=trial.suggest_float("head_rate", 1e-4, 3e-3, log=True),
            text_weight=trial.suggest_float("text_weight", 0.03, 3.0, log=True),
            intervals=trial.suggest_categorical("intervals", [10, 15, 20, 30]),
            dropout=trial.suggest_float("dropout", 0.0, 0.5),
            projection=trial.suggest_categorical("projection", [64, 128, 256]),
            lora_rank=trial.suggest_categorical("lora_rank", [4, 8, 16, 32]),
            trained_fraction=trial.suggest_categorical("trained_fraction", [0.3, 0.64, 1.0]),
            fusion=trial.suggest_categorical("fusion", ["text", "early", "late"]),
            calibration_correction=trial.suggest_categorical(
                "calibration_correction", ["off", "any", "last", "majority", "probabilistic"]
            ),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1e-1, log=True),
        )


def make_teacher(config: Config) -> Teacher:
    """Return the teacher of the settings, not fitted yet."""
    if config.teacher == SURROGATE:
        settings = SurrogateSettings(noise=config.teacher_noise, miscalibration=config.teacher_miscalibration)
        return SurrogateTeacher(settings, config.horizons)
    if config.teacher == STORED:
        return StoredTextTeacher()
    if config.teacher.startswith(FILE):
        return AnswerFileTeacher(config.teacher.removeprefix(FILE))
    return LanguageModelTeacher(LanguageModelSettings(config.teacher, text=config.text), config.horizons)
