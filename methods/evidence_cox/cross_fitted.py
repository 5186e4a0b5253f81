"""The predictor of ``evidence_cox`` as what a network starts from."""

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients
from methods.evidence_cox.method import BlockCox, Config
from methods.shared.training.fold_ensemble import inner_folds

FOLDS = 5


class CrossFittedPredictor:
    """Log hazard ratios of block ridge Cox models, for training patients by a model that has not seen their outcome.

    In the training patients' own model a hundred coefficients follow their outcomes: its predictor separates them
    better than it separates anyone else. A network with that as its offset would find little left to explain, would
    learn what is left of noise, and would be stopped by held-out patients whose offset knows their outcome. So the
    training patients have the predictor of a model of the other four fifths, and everybody else that of all of them.
    """

    def fit(self, train: Cohort, context: Context) -> "CrossFittedPredictor":
        """Fit six models on n training patients."""
        self._model = BlockCox(Config())
        self._model.fit(train, train, context)
        self.out_of_fold: FloatArray = np.zeros((len(train), 1))
        """Predictor of the training patients by models that have not seen them, shape (n, 1)."""
        for fold in inner_folds(train.outcome, FOLDS, context.derived_seed("folds of the offset")):
            model = BlockCox(Config())
            model.fit(train[fold.train], train, context)
            self.out_of_fold[fold.held_out, 0] = model.linear_predictor(train[fold.held_out].patients)
        return self

    def __call__(self, patients: Patients) -> FloatArray:
        """Return the predictor of n patients by the model of all training patients, shape (n, 1)."""
        return self._model.linear_predictor(patients)[:, None]
