"""Block ridge Cox: how much each modality is shrunk is what the training patients' likelihood says."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeAlias

import numpy as np
from pydantic import Field

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.evidence_cox.pan_cancer import PRIOR_PENALTY, PanCancerRisks
from methods.shared.features.evidence_blocks import EvidenceBlocks
from methods.shared.heads.cross_validated_cox import CrossValidatedCox
from methods.shared.heads.evidence_cox import EvidenceCox
from methods.shared.heads.proportional_hazards import BreslowCurves

CONTRIBUTION = "contribution: "
"""Begins the name of the state that holds what a block adds to the risk, shape (n, 1)."""

PRIOR = "prior"
"""Name of the block of risks that were learnt of other cancers."""

Prior: TypeAlias = Literal["none", "pan_cancer", "leave_cancer_out"]
Penalties: TypeAlias = Literal["evidence", "cross_validated"]


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the model.

    Parameters
    ----------
    components : int
        Most principal components of a matrix, or of the means of bags.
    leading : int
        If above 0, so many of the first components are a block and the others another one.
    text_components : int
        Most components of texts.
    style : bool
        Whether the facts ``words`` and ``parts`` are read, which tell how a hospital writes.
    prior : {"none", "pan_cancer", "leave_cancer_out"}
        Extra data: the risks of Cox models of all TCGA patients who are in no part of the split, or of those with other
        cancers, are the prior mean.
    penalties : {"evidence", "cross_validated"}
        Whether the penalties maximise the marginal likelihood or the cross-validated partial likelihood.
    """

    components: Annotated[int, Field(ge=1)] = 100
    leading: Annotated[int, Field(ge=0)] = 0
    text_components: Annotated[int, Field(ge=1)] = 20
    style: bool = True
    prior: Prior = "none"
    penalties: Penalties = "evidence"


class BlockCox:
    """Cox model with Efron's ties and a Gaussian prior a block; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        config = self.config
        self._blocks = EvidenceBlocks(
            config.components,
            config.leading,
            config.text_components,
            style=config.style,
            seed=context.derived_seed("components"),
        ).fit(train.patients)
        self._prior = self._fitted_prior(train, context)
        self.names = (*self._blocks.names, *([PRIOR] if self._prior else []))
        features = self._features(train.patients)
        block, mean, known = self._blocks.block, np.zeros(len(self._blocks.block)), {}
        if self._prior:
            own = self._prior.prior_mean
            known = {len(self._blocks.names): PRIOR_PENALTY}
            block = np.concatenate([block, np.full(len(own), len(self._blocks.names))])
            mean = np.concatenate([mean, own])
        cox = EvidenceCox(known)
        if config.penalties == "cross_validated":
            cox = CrossValidatedCox(context.derived_seed("penalties"), known)
        self._cox = cox.fit(features, block, train.outcome, mean)
        self._curves = BreslowCurves().fit(self._cox.linear_predictor(features), train.outcome)
        told = zip(self.names, self._cox.penalties, self._cox.determined, strict=True)
        context.logger.info(
            "%d steps; penalty (coefficients determined): %s",
            self._cox.steps,
            ", ".join(f"{name} {penalty:.3g} ({determined:.1f})" for name, penalty, determined in told),
        )

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, the curves, and in ``states`` what each block adds to the risk."""
        contributions = self.contributions(patients)
        risk: FloatArray = np.sum(list(contributions.values()), axis=0)
        penalties = dict(zip(self.names, self._cox.penalties.tolist(), strict=True))
        return Prediction(
            risk,
            times,
            self._curves.survival(risk, times),
            states={CONTRIBUTION + name: part.astype(np.float32)[:, None] for name, part in contributions.items()},
            diagnostics={"steps": self._cox.steps, **{f"penalty of {name}": one for name, one in penalties.items()}},
        )

    def linear_predictor(self, patients: Patients) -> FloatArray:
        """Return the log hazard ratio of n patients, shape (n,)."""
        found: FloatArray = np.sum(list(self.contributions(patients).values()), axis=0)
        return found

    def contributions(self, patients: Patients) -> dict[str, FloatArray]:
        """Return what each block adds to the risk of n patients, each of shape (n,)."""
        found = self._cox.contributions(self._features(patients))
        return dict(zip(self.names, found.T, strict=True))

    def _features(self, patients: Patients) -> FloatArray:
        """Return the features of all blocks, shape (n, p)."""
        own = self._blocks.transform(patients)
        return np.hstack([own, self._prior.transform(patients)]) if self._prior else own

    def _fitted_prior(self, train: Cohort, context: Context) -> PanCancerRisks | None:
        if self.config.prior == "none":
            return None
        if context.extra_data is None:
            raise UsageError(f"prior={self.config.prior} needs extra data, which a run gives and this context lacks")
        with context.timed("prior"):
            return PanCancerRisks(style=self.config.style).fit(context.extra_data, train.patients)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the number of components and whether the first twenty are a block of their own."""
        return replace(
            config,
            components=trial.suggest_int("components", 20, 200, log=True),
            leading=trial.suggest_categorical("leading", [0, 20]),
        )
