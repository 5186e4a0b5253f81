"""Checksum of a cohort's content, independent of how it is held in memory or on disk."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.types import Bags, Cohort, Matrix, Modality, Table, Texts


def sha256_of_cohort(cohort: Cohort) -> str:
    """Return the sha256 of everything in a cohort: ids, outcome, strata, folds, groups and every modality."""
    digest = hashlib.sha256()
    _add(digest, "ids", "\n".join(cohort.patients.ids).encode())
    _add(digest, f"time in {cohort.time_unit}", cohort.outcome.time.astype("<f8").tobytes())
    _add(digest, "event", cohort.outcome.event.tobytes())
    if cohort.strata is not None:
        _add(digest, "strata", "\n".join(cohort.strata).encode())
    if cohort.published_fold is not None:
        _add(digest, "published folds", cohort.published_fold.astype("<i8").tobytes())
    for name in sorted(cohort.groups):
        _add(digest, f"groups {name}", "\n".join(cohort.groups[name]).encode())
    for name in sorted(cohort.patients.modalities):
        modality = cohort.patients.modalities[name]
        _add(digest, f"{type(modality).__name__} {name}", modality.present.tobytes())
        _add_modality(digest, modality)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", label: str, content: bytes) -> None:
    digest.update(f"{label} {len(content)}\n".encode())
    digest.update(content)


def _add_modality(digest: "hashlib._Hash", modality: Modality) -> None:
    if isinstance(modality, Table):
        for name in modality.frame:
            column = modality.frame[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                levels = json.dumps([*column.cat.categories, bool(column.cat.ordered)])
                _add(digest, f"{name} {levels}", column.cat.codes.to_numpy().astype("<i4").tobytes())
            else:
                _add(digest, str(name), _float_bytes(column.to_numpy()))
    elif isinstance(modality, Matrix):
        _add(
            digest,
            json.dumps(modality.names),
            np.where(np.isnan(modality.values), np.nan, modality.values).astype("<f4").tobytes(),
        )
        if modality.column_sets:
            _add(digest, "column sets", json.dumps(modality.column_sets).encode())
    elif isinstance(modality, Texts):
        _add(digest, f"templated={modality.templated}", json.dumps(modality.texts).encode())
    elif isinstance(modality, Bags) and modality.fingerprints is not None:
        _add(digest, f"width {modality.width}", "\n".join(modality.fingerprints).encode())
    elif isinstance(modality, Bags):
        for row in np.flatnonzero(modality.present):
            bag = modality[int(row)]
            _add(digest, f"bag {row} {bag.shape}", bag.astype("<f4").tobytes())
            if modality.borders is not None:
                _add(digest, f"slides of bag {row}", modality.borders[row].astype("<i8").tobytes())


def _float_bytes(values: "np.ndarray[Any, np.dtype[np.float64]]") -> bytes:
    # NaN has many bit patterns; one of them stands for all.
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
