"""Late fusion: a Cox model of the risks of unimodal Cox models."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.heads.non_negative_cox import NonNegativeCox
from methods.shared.heads.unimodal_cox import UnimodalCox, UnimodalCoxConfig, unimodal_cox_choices


@dataclass(frozen=True, slots=True)
class Config(UnimodalCoxConfig):
    """Settings of the models; see ``UnimodalCoxConfig``."""


class CoxLate:
    """lp = sum over modalities of w_m r_m, w_m >= 0; r_m is the risk by a Cox model of the modality alone.

    The weights are learnt on cross-fitted risks of the training patients (Breiman 1996); S(t | x) = exp(-H0(t)
    exp(lp)), H0 by Breslow on the same risks.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        config = self.config
        seed = context.derived_seed("unimodal")
        self._unimodal = UnimodalCox(config.penalty, config.components, seed, config.folds).fit(train)
        self._stack = NonNegativeCox().fit(self._unimodal.cross_fitted, train.outcome)
        weights = dict(zip(self._unimodal.names, self._stack.coefficients.round(3).tolist(), strict=True))
        context.logger.info("weights of the unimodal risks: %s", weights)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the stacked risk, the curves, and in ``states`` each modality's share of the risk."""
        risks = self._unimodal.risks(patients)
        shares = (risks * self._stack.coefficients).astype(np.float32)
        weights = zip(self._unimodal.names, self._stack.coefficients.tolist(), strict=True)
        return Prediction(
            self._stack.linear_predictor(risks),
            times,
            self._stack.survival(risks, times),
            states={"risk_by_modality": shares},
            diagnostics={f"weight_{name}": value for name, value in weights},
        )

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty and the number of components."""
        return replace(config, **unimodal_cox_choices(trial))
