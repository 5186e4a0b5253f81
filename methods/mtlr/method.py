"""Multi-task logistic regression on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pycox.models.loss import nll_mtlr
from pydantic import Field

from benchmarks.types import FloatArray, Trial
from methods.shared.heads.discrete_outputs import Parametrisation, density_of_survival, survival_of_density
from methods.shared.heads.discrete_perceptron import (
    DiscreteTimeConfig,
    DiscreteTimePerceptron,
    discrete_time_choices,
)


@dataclass(frozen=True, slots=True)
class Config(DiscreteTimeConfig):
    """Settings of the network, its training and its time axis; see ``DiscreteTimeConfig``.

    Without hidden layers (``layers=0``) it is the linear model of Yu et al. (2011), with them that of Fotso (2018).
    """

    layers: Annotated[int, Field(ge=0)] = 0


class MTLR(DiscreteTimePerceptron):
    """Multi-task logistic regression, linear (Yu et al. 2011) or on the outputs of a network (Fotso 2018).

    The probability of an event in interval k is proportional to exp(sum over j >= k of phi_j(x)). Curves are
    interpolated as in Kvamme & Borgan (2021), by default with a constant density in each interval; the risk is the
    negative restricted mean of the curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        super().__init__(config, nll_mtlr, CUMULATED_DENSITY)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, and the time axis."""
        return replace(config, **discrete_time_choices(trial, fewest_layers=0))


def survival_of_cumulated_density(outputs: FloatArray) -> FloatArray:
    """Return survival at the cuts, shape (n, K + 1), of a density whose logits are sums of outputs from the end."""
    return survival_of_density(outputs[:, ::-1].cumsum(axis=1)[:, ::-1].copy())


def cumulated_density_of_survival(survival: FloatArray) -> FloatArray:
    """Return the differences of successive logits of the density, the last one itself, shape (K + 1,)."""
    logits = density_of_survival(survival)
    outputs: FloatArray = logits - np.append(logits[1:], 0.0)
    return outputs


CUMULATED_DENSITY = Parametrisation(survival_of_cumulated_density, cumulated_density_of_survival)
