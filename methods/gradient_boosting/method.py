"""Gradient boosting of the partial likelihood on the clinical table."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated

import numpy as np
from pydantic import Field
from sksurv.ensemble import GradientBoostingSurvivalAnalysis

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import BreslowCurves, mean_partial_log_likelihood


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the boosting.

    Parameters
    ----------
    trees : int
        Most trees; how many are used is decided on the validation part.
    learning_rate : float
        Factor on each tree.
    depth : int
        Levels of splits in a tree.
    leaf_size : int
        Smallest number of patients in a leaf.
    subsample : float
        Share of the patients that each tree is grown on.
    """

    trees: Annotated[int, Field(ge=1)] = 300
    learning_rate: Annotated[float, Field(gt=0)] = 0.05
    depth: Annotated[int, Field(ge=1)] = 2
    leaf_size: Annotated[int, Field(ge=1)] = 10
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.5


class GradientBoosting:
    """Regression trees that follow the gradient of Cox's partial likelihood (Ridgeway 1999; Friedman 2001, 2002).

    Of all trees grown, the first m are used: m has the highest partial likelihood of the validation part. Their sum
    is the log hazard ratio; S(t | x) = exp(-H0(t) exp(lp)), H0 by Breslow.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Grow the trees on the training patients and choose their number on the validation patients."""
        table = train.patients.table()
        self._features = TabularPreprocessor().fit(table)
        features = self._features.transform(table)
        self._model = GradientBoostingSurvivalAnalysis(
            n_estimators=self.config.trees,
            learning_rate=self.config.learning_rate,
            max_depth=self.config.depth,
            min_samples_leaf=self.config.leaf_size,
            subsample=self.config.subsample,
            random_state=context.derived_seed("trees"),
        )
        self._model.fit(features, train.outcome.as_structured())
        held_out = self._features.transform(validation.patients.table())
        scores = [mean_partial_log_likelihood(lp, validation.outcome) for lp in self._model.staged_predict(held_out)]
        self._used = int(np.argmax(scores)) + 1
        context.logger.info("%d of %d trees used", self._used, len(scores))
        self._curves = BreslowCurves().fit(self._log_hazard_ratio(features), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the log hazard ratio as risk, and the curves."""
        log_hazard_ratio = self._log_hazard_ratio(self._features.transform(patients.table()))
        return Prediction(log_hazard_ratio, times, self._curves.survival(log_hazard_ratio, times))

    def _log_hazard_ratio(self, features: FloatArray) -> FloatArray:
        stages = islice(self._model.staged_predict(features), self._used - 1, None)
        return np.asarray(next(stages), dtype=np.float64)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the shape of the trees and how fast they learn."""
        return replace(
            config,
            learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            depth=trial.suggest_int("depth", 1, 5),
            leaf_size=trial.suggest_int("leaf_size", 3, 50, log=True),
            subsample=trial.suggest_float("subsample", 0.3, 1.0),
        )
