"""Numbers to text and back, and the tree of all texts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.cox_text_generation.number_text import NumberFormat

PERCENT = NumberFormat(3, decimals=1)
RANK = NumberFormat(3)
LOG_HAZARD_RATIO = NumberFormat(3, decimals=2, signed=True)
FORMATS = [PERCENT, RANK, LOG_HAZARD_RATIO, NumberFormat(2), NumberFormat(2, decimals=1, signed=True)]


@pytest.mark.parametrize("number_format", FORMATS)
def test_every_number_of_the_range_survives_the_way_through_text(number_format: NumberFormat) -> None:
    units = np.arange(-(10**number_format.digits) + 1 if number_format.signed else 0, 10**number_format.digits)
    numbers = units / 10**number_format.decimals

    texts = number_format.write(numbers)

    assert [number_format.parse(text) for text in texts] == numbers.tolist()
    assert {len(text) for text in texts} == {number_format.width}
    assert len(set(texts)) == len(texts)


@given(st.floats(-1e9, 1e9))
@pytest.mark.parametrize("number_format", FORMATS)
def test_any_number_is_written_as_the_nearest_that_can_be(number_format: NumberFormat, number: float) -> None:
    read = number_format.parse(number_format.write(np.array([number]))[0])

    assert read is not None
    limited = np.clip(number, -number_format.largest if number_format.signed else 0, number_format.largest)
    assert abs(read - limited) <= 0.5 / 10**number_format.decimals + 1e-9


def test_numbers_are_rounded_to_the_last_decimal_of_the_format() -> None:
    numbers = np.array([12.34, -0.456, 1234.56])

    assert PERCENT.rounded(numbers).tolist() == [12.3, -0.5, 1234.6]
    assert LOG_HAZARD_RATIO.rounded(numbers).tolist() == [12.34, -0.46, 1234.56]
    assert RANK.rounded(numbers).tolist() == [12.0, 0.0, 1235.0]


def test_formats_look_as_described() -> None:
    assert PERCENT.write(np.array([7.4, 0.1, 99.9, 250.0])) == ["07.4", "00.1", "99.9", "99.9"]
    assert RANK.write(np.array([0.0, 42.0, 999.0])) == ["000", "042", "999"]
    assert LOG_HAZARD_RATIO.write(np.array([0.5, -1.234, -0.001, -80])) == ["+0.50", "-1.23", "+0.00", "-9.99"]


@pytest.mark.parametrize("text", ["", "12", "1234", "abc", "12a", " 123", "123 ", "123\n", "12.", "+12", "-12", "1e2"])
def test_malformed_ranks_are_rejected(text: str) -> None:
    assert RANK.parse(text) is None


@pytest.mark.parametrize(
    "text", ["", "7.4", "007.4", "07,4", "0704", "07.4%", "07.40", "07.4\n", "\u0660\u0667.\u0664", "nan", "inf"]
)
def test_malformed_percentages_are_rejected(text: str) -> None:
    assert PERCENT.parse(text) is None


@given(st.text(max_size=8))
def test_whatever_is_parsed_is_exactly_of_the_format(text: str) -> None:
    for number_format in FORMATS:
        allowed = number_format.positions
        fits = len(text) == len(allowed) and all(c in choices for c, choices in zip(text, allowed, strict=True))
        assert (number_format.parse(text) is not None) == fits


@pytest.mark.parametrize("number_format", [NumberFormat(2, decimals=1), NumberFormat(1, signed=True), RANK])
def test_the_expectation_is_the_sum_over_all_texts(number_format: NumberFormat) -> None:
    rng = np.random.default_rng(0)
    tree, sizes = number_format.tree, [len(allowed) for allowed in number_format.positions]
    conditional, nodes = [], 1
    for size in sizes:
        conditional.append(rng.dirichlet(np.ones(size), (3, nodes)))
        nodes *= size

    by_definition = np.zeros(3)
    for choices in itertools.product(*map(range, sizes)):
        probability, node = np.ones(3), 0
        for level, choice in enumerate(choices):
            probability = probability * conditional[level][:, node, choice]
            node = node * sizes[level] + choice
        text = "".join(allowed[c] for allowed, c in zip(number_format.positions, choices, strict=True))
        by_definition += probability * float(text)

    np.testing.assert_allclose(tree.expectation(conditional), by_definition, rtol=1e-12)


def test_a_beginning_sees_itself_and_its_own_beginnings_only() -> None:
    tree = NumberFormat(3).tree  # nodes: 0..9, then 00..99

    assert np.flatnonzero(tree.sees[7]).tolist() == [7]
    assert np.flatnonzero(tree.sees[10 + 73]).tolist() == [7, 10 + 73]
    assert tree.depth[[7, 10 + 73]].tolist() == [1, 2]
