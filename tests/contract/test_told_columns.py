"""Which columns another one tells: the kernel against the definition, column by column."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.contract.told_columns import CHANCE_OF_A_FUNCTION, MISSING, SAME_ORDER, columns_not_told
from benchmarks.types import IntArray


def by_definition(codes: IntArray, outcome_columns: int) -> list[int]:
    kept = list(range(outcome_columns))
    for column in range(outcome_columns, codes.shape[1]):
        others = [*kept[outcome_columns:], *range(column + 1, codes.shape[1])]
        if not any(tells(codes[:, other], codes[:, column], other in kept) for other in others):
            kept.append(column)
    return kept


def tells(first: IntArray, second: IntArray, is_kept: bool) -> bool:
    known = (first != MISSING) & (second != MISSING)
    if not is_function(first[known], second[known]):
        return False
    return is_kept or not is_function(second[known], first[known])


def is_function(first: IntArray, second: IntArray) -> bool:
    pairs = len(np.unique(np.column_stack([first, second]), axis=0)) if first.size else 0
    values = np.unique(first).size
    if pairs != values or not pairs:
        return False
    shares = np.bincount(second) / second.size
    chance = float(np.log((shares**2).sum())) * (first.size - values)
    return chance < np.log(CHANCE_OF_A_FUNCTION) or same_order(first, second)


def same_order(first: IntArray, second: IntArray) -> bool:
    one, other = (np.unique(column, return_inverse=True)[1] for column in (first, second))
    if one.max() + 1 < SAME_ORDER:
        return False
    return bool((one == other).all() or (one == other.max() - other).all())


@st.composite
def tables(draw: st.DrawFn) -> IntArray:
    """Return columns with few or many values, some of which follow from others, with gaps."""
    n = draw(st.integers(1, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns = [
        generator.integers(0, draw(st.sampled_from([1, 2, 3, 8, 40])), n) for _ in range(draw(st.integers(1, 4)))
    ]
    columns.append(generator.permutation(n))
    for _ in range(draw(st.integers(0, 4))):
        of = columns[draw(st.integers(0, len(columns) - 1))]
        follow = draw(st.sampled_from(["same", "reverse", "halves", "renamed"]))
        named = {
            "same": of,
            "reverse": of.max() - of,
            "halves": of // 2,
            "renamed": generator.permutation(of.max() + 1)[of],
        }[follow]
        columns.insert(draw(st.integers(0, len(columns))), named)
    codes = np.column_stack(columns).astype(np.int64)
    if draw(st.booleans()):
        codes[generator.random(codes.shape) < 0.1] = MISSING
    return codes


@settings(max_examples=150, deadline=None)
@given(tables(), st.integers(0, 1))
def test_the_kernel_keeps_what_the_definition_keeps(codes: IntArray, outcome_columns: int) -> None:
    assert columns_not_told(codes, outcome_columns).tolist() == by_definition(codes, outcome_columns)


@pytest.mark.parametrize("levels", [2, 4, 1000])
def test_three_thousand_columns_take_seconds(levels: int) -> None:
    codes = np.random.default_rng(0).integers(0, levels, (400, 3000))
    codes[:, 2999] = codes[:, 5] + 1
    columns_not_told(codes[:, :5], 2)  # compiled by now
    start = time.perf_counter()
    kept = columns_not_told(codes, 2)
    assert kept.tolist() == list(range(2999))
    assert time.perf_counter() - start < 20
