"""A plan that leaves out one group of a cohort at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.loading import load_dataset
from benchmarks.errors import UsageError
from benchmarks.execution.plan import Request, make_plan
from benchmarks.protocol.splits import split_of
from benchmarks.types import Cell

COHORT = """
name = "three-hospitals"
title = "Three hospitals"
endpoint = "death"
time_unit = "months"

[table]
file = "patients.csv"
patient = "id"
time = "months"
event = "dead"
groups = ["hospital"]

[clinical]
leave_out = ["hospital"]
"""


@pytest.fixture
def cohort_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Write a cohort of three hospitals with forty patients each, half of whom died."""
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "id": [f"p{row:03d}" for row in range(120)],
            "months": rng.exponential(20, 120).round(2) + 0.01,
            "dead": np.arange(120) % 2,
            "age": rng.normal(60, 9, 120).round(),
            "hospital": rng.permutation(np.repeat(["east", "north", "west"], 40)),
        }
    )
    table.to_csv(tmp_path / "patients.csv", index=False)
    path = tmp_path / "cohort.toml"
    path.write_text(COHORT, encoding="utf-8")
    yield str(path)
    registry.dataset_cards.cache_clear()


def cells(cohort_file: str, split: str, only_folds: list[int] | None = None) -> list[Cell]:
    request = Request(methods="kaplan_meier", datasets=cohort_file, split=split, only_folds=only_folds)
    return [planned.cell for planned in make_plan(request).cells]


def test_there_is_a_cell_for_each_group_which_finds_its_split_again(cohort_file: str) -> None:
    planned = cells(cohort_file, "hospital")
    assert [(cell.group, cell.fold, cell.folds, cell.split) for cell in planned] == [
        ("east", 0, 3, "hospital"),
        ("north", 1, 3, "hospital"),
        ("west", 2, 3, "hospital"),
    ]
    cohort = load_dataset(planned[0].dataset).cohort
    for cell in planned:
        assert set(cohort.groups["hospital"][split_of(cell, cohort).test]) == {cell.group}


def test_one_group_can_be_run_alone(cohort_file: str) -> None:
    assert [cell.group for cell in cells(cohort_file, "hospital", only_folds=[2])] == ["west"]


def test_a_grouping_that_the_cohort_does_not_have_is_told_with_what_it_has(cohort_file: str) -> None:
    with pytest.raises(UsageError, match=r"--split site: .* it has stratified, hospital"):
        cells(cohort_file, "site")
