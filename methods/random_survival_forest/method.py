"""Random survival forest on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field
from sksurv.ensemble import RandomSurvivalForest as Forest

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.curves import steps_at
from methods.shared.features.tabular import TabularPreprocessor


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the forest.

    Parameters
    ----------
    trees : int
        Number of trees.
    leaf_size : int
        Smallest number of patients in a leaf.
    features : {"sqrt", "log2", "all"}
        How many features are tried at a split.
    """

    trees: Annotated[int, Field(ge=1)] = 200
    leaf_size: Annotated[int, Field(ge=1)] = 15
    features: Literal["sqrt", "log2", "all"] = "sqrt"


class RandomSurvivalForest:
    """Forest of survival trees (Ishwaran et al. 2008)."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Grow the trees on the training patients; the validation part is not used."""
        table = train.patients.table()
        self._features = TabularPreprocessor().fit(table)
        self._forest = Forest(
            n_estimators=self.config.trees,
            min_samples_leaf=self.config.leaf_size,
            min_samples_split=2 * self.config.leaf_size,
            max_features=None if self.config.features == "all" else self.config.features,
            n_jobs=context.threads,
            random_state=context.derived_seed("forest"),
        )
        self._forest.fit(self._features.transform(table), train.outcome.as_structured())

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the ensemble mortality (Ishwaran et al. 2008, section 3) as risk, and the mean curves."""
        features = self._features.transform(patients.table())
        curves = self._forest.predict_survival_function(features, return_array=True)
        survival = steps_at(self._forest.unique_times_, curves, times, before=1.0)
        return Prediction(self._forest.predict(features), times, survival)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and shape of the trees."""
        return replace(
            config,
            trees=trial.suggest_int("trees", 50, 500, log=True),
            leaf_size=trial.suggest_int("leaf_size", 3, 50, log=True),
            features=trial.suggest_categorical("features", ["sqrt", "log2", "all"]),
        )
