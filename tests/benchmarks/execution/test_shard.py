"""The parts of a plan are disjoint, complete and equal, wherever they are cut."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.execution.shard import Shard, fingerprint


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return two methods on two datasets, 24 cells, and 12 that are skipped."""
    return make_plan(Request(methods="kaplan_meier,cox_ph,snn_omics", datasets="gbsg2,whas500", folds=3, repeats=2))


def keys(part: Plan) -> list[str]:
    return [planned.cell.key for planned in part.cells]


@pytest.mark.parametrize("of", [1, 2, 3, 5, 7, 24, 36, 50])
def test_parts_hold_each_cell_once_and_in_the_order_of_the_plan(plan: Plan, of: int) -> None:
    parts = [keys(Shard(number, of).part_of(plan)) for number in range(1, of + 1)]
    assert Counter(key for part in parts for key in part) == Counter(keys(plan))
    places = {key: place for place, key in enumerate(keys(plan))}
    assert all(part == sorted(part, key=places.__getitem__) for part in parts)


@pytest.mark.parametrize("of", [1, 2, 3, 5, 7, 24, 36, 50])
def test_parts_differ_by_one_cell_at_most_of_each_kind_and_of_all(plan: Plan, of: int) -> None:
    kinds: dict[object, list[int]] = {}
    for number in range(1, of + 1):
        cells = Shard(number, of).part_of(plan).cells
        of_part = Counter((planned.cell.method, planned.cell.dataset) for planned in cells if not planned.skipped)
        for kind in {(planned.cell.method, planned.cell.dataset) for planned in plan.cells if not planned.skipped}:
            kinds.setdefault(kind, []).append(of_part[kind])
        kinds.setdefault("to run", []).append(of_part.total())
        kinds.setdefault("all", []).append(len(cells))
    assert len(kinds) == 6
    assert all(max(counts) - min(counts) <= 1 for counts in kinds.values())


@pytest.mark.parametrize("number", range(1, 8))
def test_the_order_of_a_plan_does_not_decide_what_is_in_a_part(plan: Plan, number: int) -> None:
    cells = list(plan.cells)
    random.Random(number).shuffle(cells)
    other = replace(plan, cells=tuple(cells))
    assert sorted(keys(Shard(number, 7).part_of(other))) == sorted(keys(Shard(number, 7).part_of(plan)))
    assert fingerprint(other) == fingerprint(plan)


def test_another_plan_has_another_fingerprint(plan: Plan) -> None:
    assert fingerprint(replace(plan, cells=plan.cells[1:])) != fingerprint(plan)


def test_a_part_knows_its_own_datasets_only(plan: Plan) -> None:
    part = Shard(1, 40).part_of(plan)
    assert list(part.protocols) == [part.cells[0].cell.dataset]
    assert not Shard(40, 40).part_of(plan).cells


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.5/4", "1/4 "])
def test_what_names_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--shard .*: expected the number of a part"):
        Shard.parse(text)


def test_a_plan_that_another_machine_would_make_otherwise_is_not_cut(plan: Plan) -> None:
    elsewhere = replace(plan, unavailable={"deep": "needs peft: pip install peft"})
    with pytest.raises(UsageError, match="--shard 1/2: deep needs peft"):
        Shard(1, 2).part_of(elsewhere)
