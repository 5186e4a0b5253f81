"""No patient of a cell's split is among its extra data, and nothing of theirs reaches the fit, on drawn TCGA tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_tcga import barcodes, change_table, write_drawn_tcga

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.execution import shared_data
from benchmarks.execution.fold import fit_and_predict, prepare_fold
from benchmarks.execution.plan import Request, make_plan
from benchmarks.types import Cell, Cohort, Prediction

BLADDER = barcodes("B", 60)
IN_FOLDS = BLADDER[:48]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a drawn folder whose published folds hold 48 of 60 bladder cancers."""
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BENCHMARKS_DATA", str(tmp_path))
    write_drawn_tcga(tmp_path, bladder=len(BLADDER))
    rows = [("blca", str(place // 2 % 3), "val", patient) for place, patient in enumerate(IN_FOLDS)]
    change_table(
        tmp_path, "splits_5fold", lambda _: pd.DataFrame(rows, columns=["cohort", "fold", "set", "patient_id"])
    )
    return tmp_path


def cell(prior: str = "pan_cancer") -> Cell:
    """Plan the first fold; the sizes of the card hold for the option redacted=keep alone."""
    request = Request(
        methods="evidence_cox",
        datasets="tcga-blca",
        settings=[f"prior={prior}", "tcga-blca.redacted=drop"],
        modalities=["clinical"],
        split="published",
        only_folds=[0],
    )
    (planned,) = make_plan(request).cells
    assert not planned.skipped
    return planned.cell


def extra_of(found: Cell, workdir: Path) -> Cohort:
    extra = prepare_fold(found, workdir).context.extra_data
    assert extra is not None
    return extra


@pytest.mark.parametrize("prior", ["pan_cancer", "leave_cancer_out"])
def test_the_extra_data_is_everybody_but_the_patients_of_the_split(folder: Path, prior: str) -> None:
    found = set(extra_of(cell(prior), folder).patients.ids)
    others = set(BLADDER) - set(IN_FOLDS) if prior == "pan_cancer" else set()
    assert not found & set(IN_FOLDS)
    assert {patient for patient in found if patient in BLADDER} == others
    assert len(found) == len(others) + 19


def test_nothing_of_a_test_patient_reaches_extra_data_or_fit(folder: Path) -> None:
    tested = [patient for place, patient in enumerate(IN_FOLDS) if place // 2 % 3 == 0]

    def fitted() -> tuple[str, Prediction]:
        fold = prepare_fold(cell(), folder)
        found = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
        assert fold.context.extra_data is not None
        return sha256_of_cohort(fold.context.extra_data), found.predictions["validation"]

    def poison(frame: pd.DataFrame) -> pd.DataFrame:
        hit = frame["patient_id"].isin(tested)
        frame.loc[hit, "age_at_initial_pathologic_diagnosis"] = "119"
        frame.loc[hit, "ajcc_pathologic_tumor_stage"] = "Stage IV"
        frame.loc[hit, "gender"] = "MALE"
        return frame

    before, clean = fitted()
    change_table(folder, "cdr", poison)
    after, dirty = fitted()
    assert after == before
    np.testing.assert_array_equal(clean.risk, dirty.risk)
    np.testing.assert_array_equal(clean.survival, dirty.survival)


def test_the_check_bites(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cell()
    monkeypatch.setattr(shared_data, "extra_cohort", lambda whole, *rest: whole.only("clinical"))
    with pytest.raises(ValueError, match="the extra data of tcga-blca changed"):
        prepare_fold(found, folder)


def test_the_extra_data_is_part_of_the_key(folder: Path) -> None:
    before = cell()
    change_table(
        folder,
        "cdr",
        lambda frame: frame.assign(
            gender=np.where(frame["cancer"] == "LGG", "MALE", frame["gender"]),
        ),
    )
    after = cell()
    assert after.data_sha256 == before.data_sha256
    assert after.key != before.key
    assert cell("none").extra_data == {}


def test_a_dataset_that_is_part_of_no_other_is_skipped_with_the_reason() -> None:
    plan = make_plan(Request(methods="evidence_cox", datasets="gbsg2", settings=["prior=pan_cancer"], folds=2))
    assert {planned.skipped for planned in plan.cells} == {
        "asks for extra data, but gbsg2 is part of no larger dataset"
    }
