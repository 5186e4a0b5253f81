"""Outputs of discrete-time networks: their meaning, its inverse, and pycox's reading of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycox.models import MTLR, PMF, LogisticHazard
from pycox.models.loss import nll_logistic_hazard, nll_mtlr, nll_pmf
from torch import nn

from methods.mtlr.method import CUMULATED_DENSITY
from methods.shared.heads.discrete_outputs import DENSITY, HAZARDS

ALL = pytest.mark.parametrize(
    ("parametrisation", "pycox", "loss"),
    [
        pytest.param(HAZARDS, LogisticHazard, nll_logistic_hazard, id="hazards"),
        pytest.param(DENSITY, PMF, nll_pmf, id="density"),
        pytest.param(CUMULATED_DENSITY, MTLR, nll_mtlr, id="cumulated density"),
    ],
)
FALLS = arrays(np.float64, 6, elements=st.floats(0.01, 0.9))


@ALL
@given(falls=FALLS)
def test_outputs_and_survival_are_inverse(parametrisation, pycox, loss, falls) -> None:
    survival = np.cumprod(1 - falls)
    back = parametrisation.survival(parametrisation.outputs(survival)[None])[0]
    # What comes back is conditional on survival of the first cut.
    np.testing.assert_allclose(back, survival / survival[0], rtol=1e-9)


@ALL
def test_survival_is_pycoxs_given_that_of_the_first_cut(parametrisation, pycox, loss) -> None:
    outputs = np.random.default_rng(0).normal(size=(4, 7))
    identity = nn.Linear(7, 7, bias=False).double()
    nn.init.eye_(identity.weight)
    theirs = pycox(identity).predict_surv(torch.from_numpy(outputs), numpy=True)
    np.testing.assert_allclose(parametrisation.survival(outputs), theirs / theirs[:, :1], rtol=1e-5)


@ALL
def test_the_loss_is_the_likelihood_of_that_survival(parametrisation, pycox, loss) -> None:
    survival = np.array([0.99, 0.7, 0.4, 0.1])
    outputs = torch.from_numpy(parametrisation.outputs(survival)[None]).float()

    def likelihood(index: int, event: float) -> float:
        return float(torch.exp(-loss(outputs, torch.tensor([index]), torch.tensor([event]))))

    assert likelihood(2, 1.0) == pytest.approx(0.7 - 0.4, rel=1e-5)
    assert likelihood(2, 0.0) == pytest.approx(0.4, rel=1e-5)


@ALL
@pytest.mark.parametrize("size", [1e3, 1e6])
def test_huge_outputs_give_curves(parametrisation, pycox, loss, size: float) -> None:
    outputs = size * np.random.default_rng(0).normal(size=(20, 7))
    survival = parametrisation.survival(outputs)
    assert np.isfinite(survival).all()
    assert (np.diff(survival, axis=1) <= 0).all()
    assert (survival[:, 0] == 1).all()
