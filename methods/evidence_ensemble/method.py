"""Two views of the same patients by block ridge Cox, and boosted trees for what is not linear."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field
from sksurv.ensemble import GradientBoostingSurvivalAnalysis

from benchmarks.types import Cohort, Context, FloatArray, Matrix, Modality, Patients, Prediction, Table, Trial
from methods.evidence_cox.method import CONTRIBUTION, BlockCox, Penalties, Prior
from methods.evidence_cox.method import Config as BlockConfig
from methods.shared.features.evidence_blocks import CLINICAL, EvidenceBlocks
from methods.shared.heads.proportional_hazards import BreslowCurves

TREES = "trees"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the ensemble.

    Parameters
    ----------
    components : int
        Most principal components of a matrix, or of the means of bags.
    leading : int
        How many of them are a block of their own in the second model, and what trees read of a matrix.
    text_components : int
        Most components of texts.
    style : bool
        Whether the facts ``words`` and ``parts`` are read, which tell how a hospital writes.
    prior : {"none", "pan_cancer", "leave_cancer_out"}
        Extra data of both ridge models, as of ``evidence_cox``; each reads of it what it reads of the cohort.
    penalties : {"evidence", "cross_validated"}
        As of ``evidence_cox``.
    trees : int
        Number of trees; 0 for none.
    tree_weight : float
        Weight of the trees; the ridge models have the rest.
    """

    components: Annotated[int, Field(ge=1)] = 100
    leading: Annotated[int, Field(ge=1)] = 20
    text_components: Annotated[int, Field(ge=1)] = 20
    style: bool = True
    prior: Prior = "none"
    penalties: Penalties = "evidence"
    trees: Annotated[int, Field(ge=0)] = 150
    tree_weight: Annotated[float, Field(ge=0, lt=1)] = 0.25


class EvidenceEnsemble:
    """lp = (1 - w) mean of two block ridge Cox models + w trees; S(t | x) = exp(-H0(t) exp(lp)), H0 by Breslow.

    The first model reads the clinical table and the matrices, each by all its components as one block; the second
    everything, with the first components of a matrix and the rest as two blocks. The trees read the clinical table,
    the first components of the matrices, and the other tables; their predictor is brought to the deviation that the
    ridge part has among the training patients.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        config = self.config
        wide = BlockConfig(config.components, 0, config.text_components, config.style, config.prior, config.penalties)
        self._models = (BlockCox(wide), BlockCox(replace(wide, leading=config.leading)))
        for model, patients in zip(self._models, self._views(train.patients), strict=True):
            model.fit(replace(train, patients=patients), validation, context)
        self._weight = config.tree_weight if config.trees else 0.0
        if self._weight:
            self._fit_trees(train, context)
        self._curves = BreslowCurves().fit(
            np.sum(list(self.contributions(train.patients).values()), axis=0), train.outcome
        )

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, the curves, and in ``states`` what each block adds to the risk."""
        contributions = self.contributions(patients)
        risk: FloatArray = np.sum(list(contributions.values()), axis=0)
        states = {CONTRIBUTION + name: part.astype(np.float32)[:, None] for name, part in contributions.items()}
        return Prediction(risk, times, self._curves.survival(risk, times), states=states)

    def contributions(self, patients: Patients) -> dict[str, FloatArray]:
        """Return what each block, and the trees, add to the risk of n patients, each of shape (n,)."""
        found = {name: (1 - self._weight) * part for name, part in self._ridge(patients).items()}
        if self._weight:
            found[TREES] = self._weight * self._of_trees(patients)
        return found

    def _ridge(self, patients: Patients) -> dict[str, FloatArray]:
        """Return the mean of what each block adds in the two models."""
        found: dict[str, FloatArray] = {}
        for model, view in zip(self._models, self._views(patients), strict=True):
            for name, part in model.contributions(view).items():
                found[name] = found.get(name, 0.0) + part / len(self._models)
        return found

    def _views(self, patients: Patients) -> tuple[Patients, Patients]:
        """Return what the first and the second model read."""
        return patients.only(*_named(patients, Matrix)), patients

    def _fit_trees(self, train: Cohort, context: Context) -> None:
        config = self.config
        self._tree_blocks = EvidenceBlocks(
            config.leading, 0, config.text_components, style=config.style, seed=context.derived_seed("components")
        ).fit(self._of_tree(train.patients))
        self._trees = GradientBoostingSurvivalAnalysis(
            n_estimators=config.trees,
            max_depth=2,
            learning_rate=0.05,
            subsample=0.5,
            max_features="sqrt",
            min_samples_leaf=8,
            random_state=context.derived_seed("trees"),
        )
        features = self._tree_blocks.transform(self._of_tree(train.patients))
        self._trees.fit(features, train.outcome.as_structured())
        grown = self._trees.predict(features)
        ridge = np.sum(list(self._ridge(train.patients).values()), axis=0)
        deviation = float(grown.std())
        self._centre, self._stretch = float(grown.mean()), float(ridge.std()) / deviation if deviation else 0.0

    def _of_trees(self, patients: Patients) -> FloatArray:
        grown = self._trees.predict(self._tree_blocks.transform(self._of_tree(patients)))
        stretched: FloatArray = self._stretch * (grown - self._centre)
        return stretched

    def _of_tree(self, patients: Patients) -> Patients:
        return patients.only(*_named(patients, Matrix, Table))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the number of components and the weight of the trees."""
        return replace(
            config,
            components=trial.suggest_int("components", 20, 200, log=True),
            tree_weight=trial.suggest_float("tree_weight", 0.0, 0.5),
        )


def _named(patients: Patients, *kinds: type[Modality]) -> list[str]:
    """Return the clinical table and the modalities of these kinds."""
    return [name for name, modality in patients.modalities.items() if name == CLINICAL or isinstance(modality, kinds)]
