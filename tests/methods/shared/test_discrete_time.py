"""Cuts, labels and interpolation, against values computed by hand and against pycox."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycox.models.interpolation import InterpolateLogisticHazard, InterpolatePMF
from pycox.preprocessing.label_transforms import LabTransDiscreteTime

from benchmarks.types import Outcome
from methods.shared.heads.discrete_time import TimeCuts, curves_between_cuts

CUTS = np.array([0.0, 10.0, 30.0])
SURVIVAL = np.array([[1.0, 0.8, 0.2]])


@pytest.mark.parametrize(
    ("time", "density", "hazard"),
    [
        (0.0, 1.0, 1.0),
        (5.0, 0.9, 0.8**0.5),
        (10.0, 0.8, 0.8),
        (15.0, 0.65, 0.8 * 0.25**0.25),
        (20.0, 0.5, 0.4),
        (30.0, 0.2, 0.2),
        (99.0, 0.2, 0.2),
    ],
)
def test_curves_between_cuts_are_those_computed_by_hand(time: float, density: float, hazard: float) -> None:
    times = np.array([time])
    assert curves_between_cuts(CUTS, SURVIVAL, times, "constant_density") == pytest.approx(density)
    assert curves_between_cuts(CUTS, SURVIVAL, times, "constant_hazard") == pytest.approx(hazard)


def test_a_curve_that_falls_to_zero_stays_a_number() -> None:
    ends = np.array([[1.0, 0.5, 0.0]])
    assert curves_between_cuts(CUTS, ends, np.array([10.0, 20.0, 30.0]), "constant_hazard").tolist() == [[0.5, 0, 0]]


@given(
    falls=arrays(np.float64, (3, 5), elements=st.floats(0, 1)),
    times=st.lists(st.floats(0, 60), min_size=2, max_size=20, unique=True),
    interpolation=st.sampled_from(["constant_density", "constant_hazard"]),
)
def test_curves_fall_within_zero_and_one(falls, times, interpolation) -> None:
    cuts = np.array([0.0, 1.0, 5.0, 20.0, 40.0, 50.0])
    survival = np.concatenate([np.ones((3, 1)), np.cumprod(1 - falls, axis=1)], axis=1)
    curves = curves_between_cuts(cuts, survival, np.sort(times), interpolation)
    assert (np.diff(curves, axis=1) <= 1e-12).all()
    assert curves.min() >= 0
    assert curves.max() <= 1


class KnownSurvival:
    """Stands for a trained pycox model."""

    def predict_surv(self, *_: object) -> torch.Tensor:
        return torch.tensor(SURVIVAL)

    def predict_hazard(self, *_: object) -> torch.Tensor:
        return torch.tensor(1 - SURVIVAL / np.array([[1.0, 1.0, 0.8]]))

    def predict_pmf(self, *_: object) -> torch.Tensor:
        return torch.tensor(-np.diff(SURVIVAL, prepend=1.0))


@pytest.mark.parametrize(
    ("interpolation", "pycox"),
    [
        ("constant_density", InterpolatePMF(KnownSurvival(), "const_pdf", CUTS)),
        ("constant_hazard", InterpolateLogisticHazard(KnownSurvival(), "const_hazard", CUTS)),
    ],
)
def test_curves_between_cuts_are_those_of_pycox(interpolation, pycox) -> None:
    theirs: pd.DataFrame = pycox.predict_surv_df(np.zeros((1, 1)))
    ours = curves_between_cuts(CUTS, SURVIVAL, theirs.index.to_numpy(), interpolation)
    np.testing.assert_allclose(ours[0], theirs[0].to_numpy(), atol=1e-6)


OUTCOME = Outcome(np.array([4.0, 10.0, 12.0, 19.0, 21.0, 30.0]), np.array([1, 0, 0, 1, 0, 0]))


def cuts(censoring: str, context) -> TimeCuts:
    return TimeCuts.fit(OUTCOME, 3, "equidistant", censoring, context)


def test_an_event_goes_to_the_next_cut_and_a_censoring_to_the_chosen_one(context) -> None:
    assert cuts("earlier", context).cuts.tolist() == [0, 10, 20, 30]
    assert cuts("earlier", context).labels(OUTCOME)[0].tolist() == [1, 1, 1, 2, 2, 3]
    assert cuts("nearest", context).labels(OUTCOME)[0].tolist() == [1, 1, 1, 2, 2, 3]
    later = Outcome(np.array([14.0, 16.0, 16.0]), np.array([0, 0, 1]))
    assert cuts("earlier", context).labels(later)[0].tolist() == [1, 1, 2]
    assert cuts("nearest", context).labels(later)[0].tolist() == [1, 2, 2]


def test_times_beyond_the_last_cut_are_censored_there(context) -> None:
    beyond = Outcome(np.array([31.0, 40.0]), np.array([1, 0]))
    for censoring in ("earlier", "nearest"):
        index, event = cuts(censoring, context).labels(beyond)
        assert index.tolist() == [3, 3]
        assert event.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("spacing", ["equidistant", "quantiles"])
def test_labels_with_earlier_censoring_are_those_of_pycox(spacing, gbsg2, context) -> None:
    ours = TimeCuts.fit(gbsg2.train.outcome, 10, spacing, "earlier", context)
    theirs = LabTransDiscreteTime(11, spacing)
    outcome = gbsg2.train.outcome
    index, event = theirs.fit_transform(outcome.time.copy(), outcome.event.copy())
    np.testing.assert_array_equal(ours.cuts, theirs.cuts)
    np.testing.assert_array_equal(ours.labels(outcome)[0], index)
    np.testing.assert_array_equal(ours.labels(outcome)[1], event)


def test_quantiles_that_coincide_give_fewer_intervals_and_a_line_in_the_log(context, caplog) -> None:
    few = Outcome(np.array([5.0, 5.0, 5.0, 9.0]), np.array([1, 1, 1, 0]))
    with caplog.at_level(logging.INFO):
        made = TimeCuts.fit(few, 10, "quantiles", "nearest", context)
    assert len(made.cuts) < 11
    assert "cuts are not unique" in caplog.text


def test_the_marginal_survival_is_the_life_table(context) -> None:
    # At risk 6, 6, 3 and 1; events 0, 1, 1 and 0; half an event more in each interval.
    hazards = np.array([0.5 / 7, 1.5 / 7, 1.5 / 4, 0.5 / 2])
    marginal = cuts("nearest", context).marginal_survival(OUTCOME)
    np.testing.assert_allclose(marginal, np.cumprod(1 - hazards))
