"""A record says what its fit warned of."""

import pytest

from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.record_file import record_of
from benchmarks.types import Cell, Record, warned


@pytest.fixture(scope="module")
def cell() -> Cell:
    return make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=2)).cells[0].cell


def test_the_warning_of_most_fits_is_told_first(cell: Cell) -> None:
    records = [
        Record(cell, "ok", warnings={"A: seldom": 900, "B: in two fits": 1}),
        Record(cell, "failed", warnings={"B: in two fits": 2}),
        Record(cell, "ok"),
    ]
    assert warned(records) == "2 of 3 folds warned: B: in two fits (and 1 other warning)"
    assert warned(records[1:]) == "1 of 2 folds warned: B: in two fits"
    assert warned(records[2:]) == ""


def test_a_record_that_was_stored_without_warnings_is_read(cell: Cell) -> None:
    values = Record(cell, "failed").as_json()
    del values["warnings"]
    assert record_of(values) == Record(cell, "failed")
