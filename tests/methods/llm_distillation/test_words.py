"""The target text, reading it back, and the exponential curve through its numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.errors import UsageError
from methods.llm_distillation.exponential_fit import exponential_rates, exponential_survival
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.parsing import has_numbers, parse
from methods.llm_distillation.target_text import target_texts

MONTHS = Horizons.of(np.array([12.0, 36.0, 60.0]), "months")
TEXT = "Survival: 12m 82%, 36m 55%, 60m 37%."


def test_numbers_come_first_and_the_reason_has_two_sentences() -> None:
    said = np.array([[0.82, 0.551, 0.37]])

    texts = target_texts(said, MONTHS, ["Stage III.\nTumour of 2.4 cm. Third sentence."])

    assert texts == [f"{TEXT} Reason: Stage III. Tumour of 2.4 cm."]


def test_what_is_not_known_is_not_written() -> None:
    said = np.array([[np.nan, 0.999, np.nan], [np.nan, np.nan, np.nan]])

    assert target_texts(said, MONTHS, [None, "Why."]) == ["Survival: 36m 99%.", None]


@given(st.lists(st.integers(1, 99), min_size=3, max_size=3))
def test_what_is_written_is_read_back(percents: list[int]) -> None:
    falling = np.sort(percents)[::-1][None] / 100
    (text,) = target_texts(falling, MONTHS, ["Age."])

    read = parse([text or ""], MONTHS)

    np.testing.assert_allclose(read.probabilities, falling)
    assert read.counts() == {"unparseable": 0, "clipped": 0, "corrected": 0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Survival: 12m 82%, 36m 55%,",
        "Survival: 12m 82%, 36m 55%, 60m 3",
        "Survival: 12m 182%, 36m 55%, 60m 37%.",
        "Survival: 12m 82%, 12m 80%, 36m 55%, 60m 37%.",
        "Survival: 12m -2%, 36m 55%, 60m 37%.",
        "Reason: 12m 82%, 36m 55%, 60m 37%.",
        "Survival: 112m 82%, 36m 55%, 60m 37%.",
    ],
)
def test_a_text_without_every_horizon_once_is_unparseable(text: str) -> None:
    read = parse([text, TEXT], MONTHS)

    assert read.parseable.tolist() == [False, True]
    assert read.counts()["unparseable"] == 1


def test_a_cut_reason_a_new_order_and_numbers_in_the_reason_do_no_harm() -> None:
    texts = [f"{TEXT} Reason: stage", "60m 37%, 12 m 82%; 36m 55 %", f"{TEXT} Reason: 12m 10% of others."]

    np.testing.assert_allclose(parse(texts, MONTHS).probabilities, [[0.82, 0.55, 0.37]] * 3)


@given(st.text(alphabet="0123456m %,", max_size=40), st.sampled_from([TEXT, "36m 55%", ""]))
def test_as_soon_as_a_text_has_its_numbers_nothing_written_behind_changes_them(behind: str, numbers: str) -> None:
    text = f"{numbers} Reason: 12m 10%{behind}"
    enough = next(end for end in range(len(text) + 1) if has_numbers(text[:end]))

    short, whole = parse([text[:enough]], MONTHS), parse([text], MONTHS)

    np.testing.assert_array_equal(short.probabilities, whole.probabilities)
    assert short.counts() == whole.counts()


def test_limits_and_rising_probabilities_are_mended_and_counted() -> None:
    read = parse(["12m 100%, 36m 0%, 60m 0%", "12m 50%, 36m 60%, 60m 40%"], MONTHS)

    np.testing.assert_allclose(read.probabilities, [[0.995, 0.005, 0.005], [0.5, 0.5, 0.4]])
    assert read.counts() == {"unparseable": 0, "clipped": 1, "corrected": 1}


def test_exactly_exponential_probabilities_give_their_rate() -> None:
    horizons = np.array([365.0, 1095.0, 1826.0])
    rates = np.array([1e-4, 7e-4, 2.5e-3])

    found = exponential_rates(horizons, np.exp(-rates[:, None] * horizons))

    np.testing.assert_allclose(found, rates, rtol=1e-6)


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3))
def test_no_rate_on_a_fine_grid_fits_better_and_curves_fall(said: list[float]) -> None:
    horizons = np.array([12.0, 36.0, 60.0])
    p = np.sort(said)[::-1][None]
    clipped = np.clip(p, 0.005, 0.995)

    (rate,) = exponential_rates(horizons, p)

    grid = np.linspace(1e-8, 1.0, 20001)
    losses = ((exponential_survival(grid, horizons) - clipped) ** 2).sum(axis=1)
    loss = ((np.exp(-rate * horizons) - clipped) ** 2).sum()
    assert loss <= losses.min() + 1e-6
    assert (np.diff(exponential_survival(np.array([rate]), np.linspace(0, 100, 50))) <= 0).all()


def test_unknown_probabilities_are_passed_over() -> None:
    rates = exponential_rates(np.array([12.0, 36.0]), np.array([[np.nan, 0.5], [np.nan, np.nan]]))

    np.testing.assert_allclose(rates, [np.log(2) / 36, np.nan])


def test_horizons_are_whole_months_or_else_days() -> None:
    year = 365.25
    assert Horizons.of(np.array([1, 3, 5]) * year, "days").named == ("12m", "36m", "60m")
    assert Horizons.of(np.array([20.0, 22.0]), "days").named == ("20d", "22d")
    assert Horizons.of(np.array([0.5, 1.0]), "years").spoken == "6, 12 months"
    with pytest.raises(UsageError, match="not different whole days"):
        Horizons.of(np.array([1.1, 1.2]), "days")
