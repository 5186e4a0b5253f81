"""One Cox model per modality, and what each says of patients it has not seen."""

from dataclasses import dataclass
from typing import Annotated, Any, cast

import numpy as np
from pydantic import Field
from sklearn.model_selection import StratifiedKFold

from benchmarks.types import BoolArray, Cohort, FloatArray, Modality, Outcome, Patients, Trial
from methods.shared.features.components import ModalityVectors
from methods.shared.heads.ridge_cox import RidgeCox


@dataclass(frozen=True, slots=True)
class UnimodalCoxConfig:
    """Settings of methods on the risks of unimodal Cox models.

    Parameters
    ----------
    penalty : float
        Weight of the squared coefficients of each unimodal Cox model.
    components : int
        Most principal components of a modality other than a table.
    folds : int
        Inner folds in which the risks of the training patients are cross-fitted.
    """

    penalty: Annotated[float, Field(gt=0)] = 20.0
    components: Annotated[int, Field(ge=1)] = 20
    folds: Annotated[int, Field(ge=2)] = 5


def unimodal_cox_choices(trial: Trial) -> dict[str, Any]:
    """Draw the penalty and the number of components from an Optuna trial."""
    return {
        "penalty": trial.suggest_float("penalty", 1e-1, 1e3, log=True),
        "components": trial.suggest_int("components", 2, 64, log=True),
    }


class ModalityRisk:
    """Ridge Cox on the vectors of one modality, fitted on the patients who have it.

    Parameters
    ----------
    penalty : float
        As of ``RidgeCox``.
    components, seed : int
        As of ``ModalityVectors``.
    """

    def __init__(self, penalty: float, components: int, seed: int) -> None:
        self.penalty = penalty
        self.components = components
        self.seed = seed

    def fit(self, modality: Modality, outcome: Outcome) -> "ModalityRisk":
        """Fit on n patients.

        Raises
        ------
        ValueError
            If fewer than two of them have the modality, or none of these has an event.
        DidNotConvergeError
            If the Cox model has no optimum.
        """
        present = np.flatnonzero(modality.present)
        have = modality.take(present)
        self._vectors = ModalityVectors(self.components, self.seed, flag_missing=False).fit(have)
        features = self._vectors.transform(have)
        self._cox = RidgeCox(self.penalty).fit(features, outcome.take(present))
        linear_predictor = self._cox.linear_predictor(features)
        self.mean = float(linear_predictor.mean())
        self.deviation = float(linear_predictor.std())
        return self

    def risk(self, modality: Modality) -> FloatArray:
        """Return the log hazard ratio of n patients to the mean training patient, shape (n,); 0 where it is missing."""
        found = np.zeros(len(modality))
        present = np.flatnonzero(modality.present)
        if len(present):
            features = self._vectors.transform(modality.take(present))
            found[present] = self._cox.linear_predictor(features) - self.mean
        return found


class UnimodalCox:
    """A ``ModalityRisk`` of every modality, and their cross-fitted risks of the training patients.

    A model's risks of its own training patients are too far apart; whatever is learnt from risks is learnt from those
    that a model fitted on other patients gives.

    Parameters
    ----------
    penalty : float
        As of ``RidgeCox``.
    components, seed : int
        As of ``ModalityVectors``; the seed also of the inner folds.
    folds : int
        Inner folds of the cross-fitting.
    """

    def __init__(self, penalty: float, components: int, seed: int, folds: int = 5) -> None:
        self.penalty = penalty
        self.components = components
        self.seed = seed
        self.folds = folds

    def fit(self, train: Cohort) -> "UnimodalCox":
        """Fit every modality's model; an error names the modality."""
        self.names = tuple(sorted(train.patients.modalities))
        self.models = {name: self._fitted(name, train) for name in self.names}
        self.cross_fitted = self._cross_fitted(train)
        """Risks of the training patients, shape (n, M), of models that have not seen them."""
        return self

    def risks(self, patients: Patients) -> FloatArray:
        """Return the risk of n patients by each modality, shape (n, M); 0 where it is missing."""
        return np.stack([self.models[name].risk(patients.modalities[name]) for name in self.names], axis=1)

    def present(self, patients: Patients) -> BoolArray:
        """Return which modalities n patients have, shape (n, M)."""
        return np.stack([patients.modalities[name].present for name in self.names], axis=1)

    def _fitted(self, name: str, cohort: Cohort) -> ModalityRisk:
        try:
            model = ModalityRisk(self.penalty, self.components, self.seed)
            return model.fit(cohort.patients.modalities[name], cohort.outcome)
        except ValueError as error:
            raise ValueError(f"modality {name!r}: {error}") from error

    def _cross_fitted(self, train: Cohort) -> FloatArray:
        outcome = train.outcome
        if outcome.n_events < self.folds:
            raise ValueError(f"{outcome.n_events} events in the training part are too few for {self.folds} inner folds")
        found = np.zeros((len(train), len(self.names)))
        parts = StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)
        for kept, left in parts.split(found, outcome.event):
            kept_cohort, left_patients = train[kept], train.patients[left]
            for place, name in enumerate(self.names):
                model = self._fitted(name, kept_cohort)
                found[left, place] = model.risk(left_patients.modalities[name])
        return cast(FloatArray, found)
