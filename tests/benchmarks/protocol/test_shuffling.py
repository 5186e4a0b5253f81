"""A shuffled modality keeps its rows whole and tells nothing of the patient it stands beside."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.fold import prepare_fold
from benchmarks.execution.plan import Request, make_plan
from benchmarks.protocol.shuffling import shuffle_modalities
from benchmarks.storage.record_file import record_of
from benchmarks.types import Cell, Cohort, Matrix, Outcome, Patients, Record, Table
from benchmarks.types.cell import key_of

N = 40


def cohort(order: np.ndarray) -> Cohort:
    """Return patients in an order; the values of patient i are i, and every fourth has no expression."""
    numbers = np.arange(N, dtype=np.float64)[order]
    rna = Matrix(np.stack([numbers, -numbers], axis=1), ("up", "down"), numbers % 4 > 0)
    patients = Patients(
        np.array([f"p{int(number):02}" for number in numbers]),
        {"clinical": Table(pd.DataFrame({"age": numbers})), "rna": rna},
    )
    return Cohort(patients, Outcome(numbers + 1, numbers % 2 == 0), "days")


def by_patient(given: Cohort) -> dict[str, tuple[float, bool]]:
    rna = given.patients.matrix("rna")
    return {
        str(patient): (float(values[0]), bool(present))
        for patient, values, present in zip(given.patients.ids, rna.values, rna.present, strict=True)
    }


def cells(**changes: object) -> list[Cell]:
    request = {"methods": "cox_ph,cox_concat", "datasets": "simulated-missing", "folds": 2, **changes}
    return [planned.cell for planned in make_plan(Request(**request)).cells]  # type: ignore[arg-type]  # 2026-11-26: settings as a test gives them


def test_rows_move_whole_with_their_presence_and_all_else_stays() -> None:
    given = cohort(np.arange(N))
    shuffled = shuffle_modalities(given, ["rna"], seed=0)
    values = shuffled.patients.matrix("rna").values
    assert sorted(values[:, 0]) == list(range(N))
    assert (values[:, 1] == -values[:, 0]).all()
    assert (shuffled.patients.matrix("rna").present == (values[:, 0] % 4 > 0)).all()
    assert (values[:, 0] != np.arange(N)).mean() > 0.8
    assert (shuffled.patients.table().frame == given.patients.table().frame).all(axis=None)
    assert (shuffled.outcome.time == given.outcome.time).all()


def test_who_gets_whose_row_hangs_on_seed_and_modality_alone() -> None:
    given = cohort(np.arange(N))
    turned = cohort(np.random.default_rng(1).permutation(N))
    once = by_patient(shuffle_modalities(given, ["rna"], seed=0))
    assert by_patient(shuffle_modalities(turned, ["rna"], seed=0)) == once
    assert by_patient(shuffle_modalities(given, ["clinical", "rna"], seed=0)) == once
    assert by_patient(shuffle_modalities(given, ["rna"], seed=1)) != once
    other = Cohort(given.patients, Outcome(given.outcome.time[::-1], given.outcome.event), "days")
    assert by_patient(shuffle_modalities(other, ["rna"], seed=0)) == once


def test_what_is_shuffled_is_in_the_key_of_methods_that_read_it_and_in_no_other() -> None:
    plain, shuffled = cells(), cells(shuffle=["rna"])
    for one, other in zip(plain, shuffled, strict=True):
        reads = "rna" in one.modalities
        assert other.shuffled == (("rna",) if reads else ())
        assert (one.key == other.key) is not reads
        assert (one.data_sha256, one.split_sha256) == (other.data_sha256, other.split_sha256)
    assert {cell.method for cell in shuffled if cell.shuffled} == {"cox_concat"}
    assert shuffled[-1].label == "cox_concat, rna shuffled on simulated-missing, repeat 0, fold 1"


def test_a_record_without_the_field_is_that_of_a_cell_with_nothing_shuffled() -> None:
    cell = cells()[0]
    values = Record(cell, "failed", cause="by hand").as_json()
    del values["cell"]["shuffled"]
    assert key_of(values["cell"]) == cell.key
    assert record_of(values).cell == cell


def test_the_fold_of_a_cell_is_shuffled_for_the_method_alone(tmp_path) -> None:
    plain, shuffled = (cells(methods="cox_concat", **more)[0] for more in ({}, {"shuffle": ["rna"]}))
    folds = [prepare_fold(cell, tmp_path) for cell in (plain, shuffled)]
    real, moved = (fold.cohort.patients for fold in folds)
    assert (real.ids == moved.ids).all()
    assert real.matrix("rna").present.sum() == moved.matrix("rna").present.sum()
    assert not (real.matrix("rna").present == moved.matrix("rna").present).all()
    assert (real.matrix("mri").values == moved.matrix("mri").values).all()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shuffle": ["ct"]}, "--shuffle ct: no dataset of this run has it"),
        ({"shuffle": ["rna"], "modalities": ["clinical"]}, "--shuffle rna: --modalities leaves it out"),
    ],
)
def test_a_modality_that_nobody_would_see_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        cells(**changes)
