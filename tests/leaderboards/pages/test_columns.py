"""Numbers of a board are written alike in text and on the page."""

import pytest

from leaderboards.pages.columns import signed
from leaderboards.pages.html.rows import rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0126, "+0.013"),
        (-0.0156, "-0.016"),
        (0.0, "0.000"),
        (0.0004, "0.000"),
        (-0.0004, "0.000"),
        (0.0006, "+0.001"),
    ],
)
def test_a_difference_has_a_sign_unless_it_rounds_to_zero(value: float, text: str) -> None:
    assert signed(value) == text


def test_the_page_keeps_enough_decimals_for_the_third_to_be_that_of_the_text() -> None:
    # In four decimals -0.0005, in three of these -0.001.
    assert signed(rounded(-0.00048925)) == signed(-0.00048925) == "0.000"
    assert signed(rounded(0.0014994)) == signed(0.0014994) == "+0.001"
