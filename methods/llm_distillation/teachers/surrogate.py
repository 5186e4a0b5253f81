"""A Cox model that plays the language model's part where there is no language model's answer."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field
from sklearn.model_selection import StratifiedKFold

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Patients, Table
from benchmarks.types.context import derived_seed
from methods.llm_distillation.teachers.answers import SMALLEST, TeacherAnswers, clipped
from methods.llm_distillation.teachers.horizons import HorizonRule, horizons_of
from methods.llm_distillation.teachers.reasons import Group, covariate_groups, reasons
from methods.shared.features.components import ModalityVectors
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.ridge_cox import RidgeCox


@dataclass(frozen=True, slots=True)
class SurrogateSettings:
    """Settings of the surrogate teacher.

    Parameters
    ----------
    reads : tuple of str
        Modalities it may read, those of them that the patients have.
    penalty, components : float, int
        Of the ridge Cox model; most principal components of what is no table.
    folds : int
        Inner folds in which the training patients' answers are cross-fitted.
    named : int
        Most covariates that a rationale names.
    noise : float
        Standard deviation of a normal error of each patient's log cumulative hazard.
    miscalibration : float
        Factor of everybody's cumulative hazard: above 1 too dark, below 1 too bright. The ranking stays.
    """

    reads: tuple[str, ...] = ("clinical", "rna")
    penalty: Annotated[float, Field(gt=0)] = 20.0
    components: Annotated[int, Field(ge=1)] = 20
    folds: Annotated[int, Field(ge=2)] = 5
    named: Annotated[int, Field(ge=1)] = 3
    noise: Annotated[float, Field(ge=0)] = 0.0
    miscalibration: Annotated[float, Field(gt=0)] = 1.0


class SurrogateTeacher:
    """Ridge Cox model of covariates and expression components; its rationale names what moves the risk most.

    It is fitted on outcomes, so it carries a supervised signal that a language model asked for its opinion does not
    have: the label says "surrogate", and results with it say nothing about teachers that are language models.

    Parameters
    ----------
    settings : SurrogateSettings
        How it is fitted, and how wrong it is made.
    rule : {"auto", "months", "quantiles"}
        At which times it answers.
    """

    def __init__(self, settings: SurrogateSettings | None = None, rule: HorizonRule = "auto") -> None:
        self.settings = settings or SurrogateSettings()
        self.rule = rule

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:
        """Return cross-fitted answers of the training patients: by a model of the folds that the patient is not in.

        Raises
        ------
        UsageError
            If the patients have none of the modalities, or too few events for the folds.
        """
        names = tuple(name for name in self.settings.reads if name in train.patients.modalities)
        if not names:
            raise UsageError(
                f"the surrogate teacher reads {', '.join(self.settings.reads)}, and the patients have none of these: "
                "give it others, or take another teacher"
            )
        if train.outcome.n_events < self.settings.folds:
            raise UsageError(
                f"{train.outcome.n_events} events are too few for the {self.settings.folds} folds of the surrogate "
                "teacher: take fewer"
            )
        self._seed = context.derived_seed("surrogate")
        self._horizons = horizons_of(train, self.rule)
        survival = np.empty((len(train), len(self._horizons)))
        said: list[str] = [""] * len(train)
        parts = StratifiedKFold(self.settings.folds, shuffle=True, random_state=self._seed)
        for kept, left in parts.split(survival, train.outcome.event):
            model = _Model(names, self.settings, self._seed).fit(train[kept])
            patients = train.patients[left]
            survival[left] = model.survival(patients, self._horizons)
            for row, words in zip(left, model.reasons(patients), strict=True):
                said[row] = words
        self._model = _Model(names, self.settings, self._seed).fit(train)
        return self._answers(survival, tuple(said))

    def answers(self, patients: Patients) -> TeacherAnswers:
        """Return the answers of the model of all training patients."""
        return self._answers(self._model.survival(patients, self._horizons), self._model.reasons(patients))

    def _answers(self, survival: FloatArray, rationales: tuple[str, ...]) -> TeacherAnswers:
        probabilities, corrected = clipped(self._disturbed(np.clip(survival, SMALLEST, 1 - SMALLEST)))
        notes = {"answered": float(len(probabilities)), "corrected": float(corrected)}
        return TeacherAnswers(self._horizons, probabilities, rationales, "surrogate", notes)

    def _disturbed(self, survival: FloatArray) -> FloatArray:
        """Return exp(-H m exp(e)) for S = exp(-H), with the miscalibration m and a patient's error e."""
        factor = np.full(len(survival), self.settings.miscalibration)
        if self.settings.noise:
            factor *= np.exp(self.settings.noise * np.array([self._error(row) for row in survival]))
        disturbed: FloatArray = np.exp(np.log(survival) * factor[:, None])
        return disturbed

    def _error(self, survival: FloatArray) -> float:
        """Return a standard normal number that hangs on the seed and the patient's own curve alone.

        A patient is told the same alone as among others; the digits that the size of a matrix product may change are
        left out.
        """
        digits = hashlib.sha256(np.round(np.log(survival), 6).tobytes()).hexdigest()
        return float(np.random.default_rng(derived_seed(self._seed, digits)).normal())


class _Model:
    """One ridge Cox model on the vectors of some modalities, side by side."""

    def __init__(self, names: tuple[str, ...], settings: SurrogateSettings, seed: int) -> None:
        self.names, self.settings, self.seed = names, settings, seed

    def fit(self, train: Cohort) -> "_Model":
        self._vectors: dict[str, TabularPreprocessor | ModalityVectors] = {}
        self._groups: list[Group] = []
        for name in self.names:
            try:
                self._read(name, train.patients)
            except ValueError as error:
                raise UsageError(f"the surrogate teacher cannot read the modality {name!r}: {error}") from error
        features = self._features(train.patients)
        self._mean = features.mean(axis=0)
        self._cox = RidgeCox(self.settings.penalty).fit(features, train.outcome)
        return self

    def _read(self, name: str, patients: Patients) -> None:
        """Learn the vectors of a modality; their places in the model are behind those of the modalities before."""
        first = sum(len(group.features) for group in self._groups)
        modality = patients.modalities[name]
        if isinstance(modality, Table):
            covariates = TabularPreprocessor().fit(modality)
            self._groups += covariate_groups(name, modality, covariates.names, first)
            self._vectors[name] = covariates
        else:
            vectors = ModalityVectors(self.settings.components, self.seed).fit(modality)
            self._groups.append(Group(name, None, tuple(range(first, first + vectors.width))))
            self._vectors[name] = vectors

    def survival(self, patients: Patients, horizons: FloatArray) -> FloatArray:
        return self._cox.survival(self._features(patients), horizons)

    def reasons(self, patients: Patients) -> tuple[str, ...]:
        contributions = (self._features(patients) - self._mean) * self._cox.coefficients
        return reasons(contributions, self._groups, patients, self.settings.named)

    def _features(self, patients: Patients) -> FloatArray:
        parts = []
        for name, vectors in self._vectors.items():
            modality = patients.modalities[name]
            if isinstance(vectors, TabularPreprocessor):
                assert isinstance(modality, Table)
                parts.append(vectors.transform(modality))
            else:
                parts.append(vectors.transform(modality))
        return np.concatenate(parts, axis=1)
