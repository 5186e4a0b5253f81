"""Who cannot be kept is refused in one line; a defect of the suite keeps its own error."""

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import load_entry
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Matrix


def test_a_modality_that_the_data_lack_is_refused_as_complete_cases() -> None:
    with pytest.raises(UsageError, match="whas500: complete cases: no modality 'rna' here; there are: clinical"):
        load_dataset("whas500", complete_cases=("rna",))


def test_a_defect_while_patients_are_chosen_is_no_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_modality: Matrix, _rows: object) -> Matrix:
        raise ValueError("a defect")

    monkeypatch.setattr(Matrix, "take", broken)
    with pytest.raises(ValueError, match="a defect"):
        load_dataset("simulated-missing", {"n": 120}, complete_cases=("rna",))


def test_a_dataset_without_patients_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(**_: object) -> Cohort:
        return load_dataset("simulated-null", {"n": 120}).cohort[np.empty(0, dtype=np.int64)]

    found = load_entry
    monkeypatch.setattr(
        "benchmarks.catalog.loading.load_entry", lambda card: nobody if card.name == "whas500" else found(card)
    )
    with pytest.raises(UsageError, match="whas500: there is no patient"):
        load_dataset("whas500")
