"""Vectors of modalities: everything learnt in fit, outliers cut, missing patients flagged."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Bags, Matrix, Patients, Table, Texts
from methods.shared.features.components import CLIP, AllVectors, ModalityVectors

RNG = np.random.default_rng(0)
N = 120


def expression() -> np.ndarray:
    """One strong axis in 30 genes, and an outlier of 10,000 deviations."""
    axis = RNG.normal(size=N)
    values = axis[:, None] * RNG.normal(1, 0.2, 30) + 0.3 * RNG.normal(size=(N, 30))
    values[7, 3] = 1e4
    return np.column_stack([values, np.full(N, 2.5)])


def names(values: np.ndarray) -> tuple[str, ...]:
    return tuple(f"g{column}" for column in range(values.shape[1]))


def test_the_first_component_is_the_common_axis_though_one_value_is_absurd() -> None:
    values = expression()
    vectors = ModalityVectors(2, seed=0).fit(Matrix(values, names(values))).transform(Matrix(values, names(values)))
    typical = np.median(values[:, :30], axis=1)
    assert vectors.shape == (N, 2)
    assert abs(np.corrcoef(vectors[:, 0], typical)[0, 1]) > 0.98
    assert np.allclose(vectors.mean(axis=0), 0)
    assert np.allclose(vectors.std(axis=0), 1)


def test_a_value_beyond_the_clip_changes_nothing_more() -> None:
    values = expression()
    fitted = ModalityVectors(2, seed=0).fit(Matrix(values, names(values)))
    far, farther = values.copy(), values.copy()
    far[0, 0], farther[0, 0] = values[:, 0].mean() + 100 * CLIP, 1e9
    assert np.array_equal(fitted.transform(Matrix(far, names(far))), fitted.transform(Matrix(farther, names(far))))


def test_flags_that_are_mostly_zero_are_kept() -> None:
    flags = (RNG.random((N, 12)) < 0.1).astype(float)
    assert ModalityVectors(5, seed=0).fit(Matrix(flags, names(flags))).transform(Matrix(flags, names(flags))).any()


def test_a_patient_without_the_modality_has_the_mean_and_a_flag() -> None:
    values = expression()
    present = np.arange(N) % 3 > 0
    values[~present] = np.nan
    matrix = Matrix(values, names(values), present)
    vectors = ModalityVectors(3, seed=0).fit(matrix).transform(matrix)
    assert (vectors[~present, :3] == 0).all()
    assert vectors[:, 3].tolist() == (~present).astype(float).tolist()


def test_other_rows_do_not_change_a_rows_vector() -> None:
    values = expression()
    fitted = ModalityVectors(3, seed=0).fit(Matrix(values[:80], names(values)))
    alone = fitted.transform(Matrix(values[90:91], names(values)))
    among = fitted.transform(Matrix(values[80:], names(values)))[10:11]
    assert np.allclose(alone, among, rtol=1e-12, atol=1e-12)


def test_bags_count_by_their_mean() -> None:
    means = RNG.normal(size=(N, 4))
    held = [mean + np.array([[1.0], [-1.0]]) for mean in means]
    of_bags = ModalityVectors(2, seed=0).fit(Bags(held, 4)).transform(Bags(held, 4))
    of_means = ModalityVectors(2, seed=0).fit(Matrix(means, names(means))).transform(Matrix(means, names(means)))
    assert np.allclose(of_bags, of_means, atol=1e-5)


def test_texts_about_different_things_are_told_apart() -> None:
    subject = np.arange(N) % 2 == 0
    texts = Texts(tuple("tumour of high grade" if s else "small benign polyp" for s in subject))
    vectors = ModalityVectors(1, seed=0).fit(texts).transform(texts)
    assert len(np.unique(vectors[subject].round(9))) == len(np.unique(vectors[~subject].round(9))) == 1
    assert abs(vectors[subject].mean() - vectors[~subject].mean()) > 1


def test_all_modalities_stand_side_by_side_and_an_error_names_the_modality() -> None:
    values = expression()
    table = Table(pd.DataFrame({"age": RNG.normal(size=N)}))
    ids = np.array([str(row) for row in range(N)])
    patients = Patients(ids, {"rna": Matrix(values, names(values)), "clinical": table})
    assert AllVectors(4, seed=0).fit(patients).transform(patients).shape == (N, 1 + 4)
    nobody = Patients(ids, {"rna": Matrix(values, names(values), np.zeros(N, bool))})
    with pytest.raises(ValueError, match="modality 'rna': 0 training patients have the modality"):
        AllVectors(4, seed=0).fit(nobody)
