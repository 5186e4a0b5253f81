"""Columns of a matrix: which vary most, what is learnt of the training patients alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.types import Cohort, Context, FloatArray, Matrix
from methods.abmil_bilinear import ABMILBilinear, Config
from methods.abmil_bilinear.gene_columns import UnscaledColumns, WidestColumns, matrix_encoder, widest
from methods.shared.features.modality_blocks import ModalityBlocks


def matrix(values: FloatArray) -> Matrix:
    return Matrix(values.astype(np.float32), tuple(f"g{k}" for k in range(values.shape[1])))


def test_the_columns_of_largest_variance_are_chosen_in_their_order() -> None:
    steps = np.linspace(-1, 1, 200)[:, None]
    values = steps * np.array([1.0, 5.0, 0.0, 3.0, 4.0])
    assert widest(values, 2).tolist() == [1, 4]
    assert widest(values, 3).tolist() == [1, 3, 4]
    assert widest(values, 9).tolist() == [0, 1, 2, 3, 4]


def test_one_huge_value_is_no_variance_and_a_column_without_values_is_never_chosen() -> None:
    values = np.linspace(-1, 1, 400)[:, None] * np.array([1.0, 0.5, 0.2])
    values[7, 2] = 1e4
    values = np.column_stack([np.full(400, np.nan), values])
    assert widest(values, 2).tolist() == [1, 2]
    assert 0 not in widest(values, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_columns_do_not_hang_on_the_order_of_the_patients_nor_on_a_shift(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(40, 12)) * generator.uniform(0.1, 3, 12)
    values[generator.random(values.shape) < 0.1] = np.nan
    chosen = widest(values, 5).tolist()
    assert widest(values[generator.permutation(40)], 5).tolist() == chosen
    assert widest(values + 1024, 5).tolist() == chosen


def test_choice_and_scale_are_those_of_the_training_patients_whatever_others_have() -> None:
    generator = np.random.default_rng(0)
    train = matrix(generator.normal(size=(60, 20)) * np.arange(1, 21))
    encoder = WidestColumns(4)
    encoder.fit(train)
    before = encoder.transform(train)
    assert before.shape == (60, 4)
    assert abs(np.median(before, axis=0)).max() < 1e-6
    encoder.transform(matrix(1e6 * generator.normal(size=(5, 20))))
    assert np.array_equal(encoder.transform(train), before)
    assert np.abs(encoder.transform(matrix(np.full((1, 20), 1e6)))).max() == 5


def test_unscaled_columns_are_as_they_were_and_a_missing_value_is_the_training_mean() -> None:
    values = np.array([[1.0, 7.0, 2.0], [3.0, 7.0, np.nan], [5.0, 7.0, 6.0]])
    encoder = UnscaledColumns()
    encoder.fit(matrix(values))
    # The second column is the same for all: nothing can be learnt of it.
    assert encoder.transform(matrix(values)).tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert encoder.transform(matrix(np.array([[np.nan, 1.0, 900.0]]))).tolist() == [[3.0, 900.0]]


def test_the_network_reads_so_many_genes(cohort: Cohort, context: Context) -> None:
    config = Config(genes=7, components=3, epochs=1, members=2, rank=2)
    widths = ModalityBlocks(3, 0, matrix=matrix_encoder(config)).fit(cohort.patients.only("rna", "wsi")).widths
    assert widths == (7, 3)
    method = ABMILBilinear(config)
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    risk = method.predict(cohort[np.arange(140, 160)].patients, np.linspace(0, 40, 5)).risk
    assert len(np.unique(risk)) == 20
