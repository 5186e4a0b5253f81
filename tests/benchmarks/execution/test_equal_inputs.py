"""Patients with equal inputs are predicted alike to the bit, and nobody else is moved by more than rounding."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import metrics
from benchmarks.execution.equal_inputs import DOUBLE_ROUNDING, alike_for_equal_inputs
from benchmarks.execution.fold import checked_prediction
from benchmarks.types import Bags, FloatArray, Matrix, Modality, Patients, Prediction, Table, Texts

TIMES = np.array([1.0, 2.0])


def patients_of(**modalities: Modality) -> Patients:
    n = len(next(iter(modalities.values())))
    return Patients(np.array([f"P{row}" for row in range(n)]), modalities)


def table(*ages: float, sites: str = "") -> Table:
    frame = pd.DataFrame({"age": ages})
    return Table(frame.assign(site=list(sites)) if sites else frame)


def prediction_of(*risk: float, **further: object) -> Prediction:
    values = np.array(risk)
    return Prediction(values, TIMES, np.exp(-np.exp(np.clip(values, -5, 5)))[:, None] ** TIMES, **further)


def one_up(value: float) -> float:
    return float(np.nextafter(value, np.inf))


def test_equal_covariates_get_the_lowest_risk_and_its_curve() -> None:
    made = alike_for_equal_inputs(prediction_of(0.3000001, -1.0, 0.3, 0.2), patients_of(clinical=table(50, 60, 50, 70)))
    assert made.risk.tolist() == [0.3, -1.0, 0.3, 0.2]
    np.testing.assert_array_equal(made.survival[0], made.survival[2])
    np.testing.assert_array_equal(made.survival[2], prediction_of(0.3).survival[0])


def test_what_was_drawn_at_random_stays() -> None:
    given_ = prediction_of(0.31, -1.0, 0.3)
    made = alike_for_equal_inputs(given_, patients_of(clinical=table(50, 60, 50)))
    assert made.risk.tolist() == [0.31, -1.0, 0.3]
    np.testing.assert_array_equal(made.survival, given_.survival)


def test_curves_that_differ_by_more_keep_both_as_they_are() -> None:
    survival = np.array([[0.9, 0.8], [0.9, 0.7]])
    made = alike_for_equal_inputs(
        Prediction(np.array([1.0, 1.000001]), TIMES, survival), patients_of(clinical=table(1, 1))
    )
    assert made.risk.tolist() == [1.0, 1.000001]
    np.testing.assert_array_equal(made.survival, survival)


def test_risks_a_bit_apart_are_one_whatever_the_inputs_and_on_both_sides_of_any_edge() -> None:
    risk = 0.125
    below = float(np.nextafter(risk, 0))
    made = alike_for_equal_inputs(
        prediction_of(risk, below, one_up(risk), 0.2), patients_of(clinical=table(1, 2, 3, 4))
    )
    assert made.risk.tolist() == [below, below, below, 0.2]
    assert len({row.tobytes() for row in made.survival}) == 2


def test_single_precision_is_not_taken_for_rounding_where_inputs_differ() -> None:
    made = alike_for_equal_inputs(prediction_of(0.3, 0.3000001), patients_of(clinical=table(50, 51)))
    assert made.risk.tolist() == [0.3, 0.3000001]


def test_variants_are_treated_alike_and_everything_else_is_kept() -> None:
    states = {"hidden": np.ones((2, 1), dtype=np.float32)}
    further = prediction_of(0.5, one_up(0.5), texts=("a", "b"))
    given_ = prediction_of(1.0, 2.0, variants={"greedy": further}, states=states, diagnostics={"loss": 3.0})
    made = alike_for_equal_inputs(given_, patients_of(clinical=table(1, 1)))
    assert made.risk.tolist() == [1.0, 2.0]
    assert made.variants["greedy"].risk.tolist() == [0.5, 0.5]
    assert made.variants["greedy"].texts == ("a", "b")
    assert (made.states["hidden"].tolist(), made.diagnostics) == ([[1.0], [1.0]], {"loss": 3.0})


NAN = float("nan")
HERE_OR_NOT = np.array([True, False, False])


@pytest.mark.parametrize(
    ("modality", "alike"),
    [
        (table(1, 1, 2), [0, 1]),
        (table(NAN, 3, NAN), [0, 2]),
        (table(0.0, -0.0, 1), [0, 1]),
        (table(1, 1, 1, sites="aba"), [0, 2]),
        (Table(pd.DataFrame({"age": [1.0, 2.0, 3.0]}), HERE_OR_NOT), [1, 2]),
        (Matrix(np.array([[1, NAN], [0, 2], [1, NAN]]), ("g", "h")), [0, 2]),
        (Matrix(np.array([[0.0, 1], [0, 2], [-0.0, 1]]), ("g", "h")), [0, 2]),
        (Texts(("so", "other", "so")), [0, 2]),
        (Bags([np.ones((1, 2), np.float32)] * 3, 2, fingerprints=("x", "y", "x")), [0, 2]),
        (Bags([np.ones((1, 2), np.float32)] * 3, 2, np.array([0, 1, 1])), [1, 2]),
    ],
)
def test_inputs_are_equal_by_content_and_presence(modality: Modality, alike: list[int]) -> None:
    risk = np.array([0.3, 0.3000001, 0.3000002])
    given_ = Prediction(risk, TIMES)
    made = alike_for_equal_inputs(given_, patients_of(one=modality)).risk
    assert sorted(made.tolist()) == sorted([*np.delete(risk, alike[1]).tolist(), risk[alike[0]]])
    assert made[alike[0]] == made[alike[1]] == risk[alike[0]]


def test_all_modalities_count() -> None:
    patients = patients_of(clinical=table(1, 1, 1, 1), text=Texts(("a", "b", "a", "b")))
    made = alike_for_equal_inputs(Prediction(np.array([0.1, 0.2, 0.1000001, 0.2000001]), TIMES), patients)
    assert made.risk.tolist() == [0.1, 0.2, 0.1, 0.2]


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, 30, elements=st.floats(-1e3, 1e3)), st.randoms())
def test_nobody_moves_by_more_than_rounding_and_the_order_of_the_batch_is_of_no_account(
    risk: FloatArray, random: object
) -> None:
    patients = patients_of(clinical=table(*range(30)))
    made = alike_for_equal_inputs(Prediction(risk, TIMES), patients)
    # Rounding may be passed on from neighbour to neighbour.
    assert (np.abs(made.risk - risk) <= 30 * DOUBLE_ROUNDING * np.abs(risk)).all()
    order = list(range(30))
    random.shuffle(order)
    turned = alike_for_equal_inputs(Prediction(risk[order], TIMES), patients[np.array(order)])
    np.testing.assert_array_equal(turned.risk, made.risk[order])


@dataclass
class RoundsByRow:
    """A linear risk of which the last bit hangs on the row."""

    config_type = type(None)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        risk = patients.table().frame["age"].to_numpy() / 7
        return Prediction(np.where(np.arange(len(risk)) % 2, np.nextafter(risk, np.inf), risk), times)


def test_a_concordance_counts_patients_with_equal_covariates_as_tied() -> None:
    ages = np.repeat([40.0, 50.0, 60.0], 20)
    patients, rng = patients_of(clinical=table(*ages)), np.random.default_rng(0)
    time, event = rng.exponential(100 / ages), np.ones(60)
    as_stored = checked_prediction(RoundsByRow(), patients, TIMES).risk
    exact = metrics.concordance_index(time, event, ages)
    assert metrics.concordance_index(time, event, as_stored).value == exact.value
    assert metrics.concordance_index(time, event, RoundsByRow().predict(patients, TIMES).risk).value != exact.value
