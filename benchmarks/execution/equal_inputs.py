"""Patients who are alike in everything that a method is shown are predicted alike, to the bit.

A product of matrices rounds a row by where it stands in the batch, so that patients with the same covariates get risks
one unit in the last place apart; a concordance index then takes them for ordered. Metric convention 17.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from benchmarks.types import Bags, FloatArray, IntArray, Matrix, Modality, Patients, Prediction, Table, Texts

# Predictions of patients with equal inputs that differ by no more are the same but for rounding, in single precision
# too: risks as a share of the larger of the two and of the median size of a risk, probabilities as they are. What
# differs by more was drawn at random, and stays.
ROUNDING = 1e-5
# Of any patients: what a product of matrices in double precision leaves, as a share of the risk, and of probabilities.
# A covariate with a coefficient of 0 has no part in a prediction, though it differs.
DOUBLE_ROUNDING = 1e-12

_ABSENT = -1


def alike_for_equal_inputs(prediction: Prediction, patients: Patients) -> Prediction:
    """Return a prediction of n patients with its rounding taken out of what should be equal; its variants, too.

    Patients with equal inputs get the risk and the curve of the one of them with the lowest risk. Then risks that are
    equal but for rounding in double precision become the lowest of them, and with them their curves.

    Parameters
    ----------
    prediction : Prediction
        As the method returned it.
    patients : Patients
        The n patients, with all that the method was shown of them.
    """
    if len(patients) < 2:
        return prediction
    groups = _groups(_inputs(patients))
    made = {name: _alike(row, groups) for name, row in prediction.variants.items()}
    return replace(_alike(prediction, groups), variants=made)


def _alike(row: Prediction, groups: list[IntArray]) -> Prediction:
    risk, survival = row.risk.copy(), None if row.survival is None else row.survival.copy()
    usual = float(np.median(np.abs(risk)))
    for group in groups:
        reach = ROUNDING * max(usual, float(np.abs(risk[group]).max()))
        if np.ptp(risk[group]) <= reach and _same_curves(survival, group, ROUNDING):
            _make_alike(risk, survival, group)
    for group in _groups(_close(risk)):
        if _same_curves(survival, group, DOUBLE_ROUNDING):
            _make_alike(risk, survival, group)
        else:
            risk[group] = risk[group].min()
    return replace(row, risk=risk, survival=survival)


def _same_curves(survival: FloatArray | None, group: IntArray, reach: float) -> bool:
    return survival is None or bool((np.ptp(survival[group], axis=0) <= reach).all())


def _make_alike(risk: FloatArray, survival: FloatArray | None, group: IntArray) -> None:
    lowest = group[np.argmin(risk[group])]
    risk[group] = risk[lowest]
    if survival is not None:
        survival[group] = survival[lowest]


def _close(risk: FloatArray) -> IntArray:
    """Return a number for each risk, shape (n,), the same for neighbours that differ by rounding only.

    Neighbours of the sorted risks are compared, not rounded ones: two that lie on both sides of an edge of rounding
    are equal, too.
    """
    order = np.argsort(risk, kind="stable")
    ascending = risk[order]
    size = np.maximum(np.abs(ascending[:-1]), np.abs(ascending[1:]))
    number = np.empty(len(risk), dtype=np.int64)
    number[order] = np.concatenate(([0], np.cumsum(np.diff(ascending) > DOUBLE_ROUNDING * size)))
    return number


def _groups(number: IntArray) -> list[IntArray]:
    """Return the rows that share a number, for each number that several have."""
    order = np.argsort(number, kind="stable")
    ends = np.flatnonzero(np.diff(number[order])) + 1
    return [rows for rows in np.split(order, ends) if len(rows) > 1]


def _inputs(patients: Patients) -> IntArray:
    """Return a number for each patient, shape (n,), the same for those with equal inputs."""
    number = np.zeros(len(patients), dtype=np.int64)
    for modality in patients.modalities.values():
        # What stands in the place of an absent modality is no input.
        own = np.where(modality.present, _contents(modality), _ABSENT)
        number = np.unique(np.stack([number, own]), axis=1, return_inverse=True)[1].reshape(-1)
    return number


def _contents(modality: Modality) -> IntArray:
    """Return a number for each of n rows, the same for those of equal content; missing values are equal."""
    if isinstance(modality, Table):
        columns = list(modality.frame.columns)
        if not columns:
            return np.zeros(len(modality), dtype=np.int64)
        return _numbered(modality.frame.groupby(columns, dropna=False, observed=True, sort=False).ngroup().tolist())
    return _numbered(_row_contents(modality))


def _row_contents(modality: Matrix | Texts | Bags) -> Sequence[object]:
    if isinstance(modality, Texts):
        return list(modality.texts)
    if isinstance(modality, Bags):
        # No bag is read: two are equal that are the same one of the source, or have the same fingerprint.
        return list(modality.rows if modality.fingerprints is None else modality.fingerprints)
    # -0.0 + 0.0 is 0.0; one NaN of the many stands for all.
    values = np.where(np.isnan(modality.values), np.float32(np.nan), modality.values + np.float32(0))
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in values]


def _numbered(contents: Sequence[object]) -> IntArray:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(content, len(seen)) for content in contents], dtype=np.int64)
