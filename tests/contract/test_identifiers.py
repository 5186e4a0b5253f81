"""Row numbers, running numbers and identifiers among the covariates, and identifiers spelt twice."""

import numpy as np
import pytest

from benchmarks.contract.identifiers import no_column_numbers_the_patients, no_identifier_is_spelt_twice


def test_a_row_number_is_refused(drawn_cohort) -> None:
    verdict = no_column_numbers_the_patients(drawn_cohort(rownames=np.arange(1.0, 201)))
    assert verdict.problems == ["clinical: 'rownames' numbers the patients, 1 to 200: leave it out"]


def test_running_numbers_in_another_order_with_gaps_are_refused(drawn_cohort) -> None:
    numbers = np.random.default_rng(0).permutation(260)[:200] + 1000.0
    (problem,) = no_column_numbers_the_patients(drawn_cohort(entry=numbers)).problems
    assert "'entry' numbers the patients" in problem


def test_what_rises_from_row_to_row_is_a_warning(drawn_cohort) -> None:
    rising = np.cumsum(np.random.default_rng(0).uniform(0.1, 9, 200))
    verdict = no_column_numbers_the_patients(drawn_cohort(entered=rising))
    assert verdict.problems == []
    assert verdict.warnings == [
        "clinical: 'entered' goes one way from row to row: a row number, or what rows are sorted by?"
    ]


def test_long_whole_numbers_each_once_are_a_warning(drawn_cohort) -> None:
    numbers = np.random.default_rng(0).choice(9_000_000, 200, replace=False) + 1_000_000.0
    (warning,) = no_column_numbers_the_patients(drawn_cohort(register=numbers)).warnings
    assert "'register' holds long whole numbers, each once" in warning


def test_an_identifier_that_repeats_is_told_by_its_name(drawn_cohort) -> None:
    (warning,) = no_column_numbers_the_patients(drawn_cohort(id=np.repeat(np.arange(100.0), 2)[::-1])).warnings
    assert warning == "clinical: 'id' is called as identifiers are; an identifier is no covariate"


@pytest.mark.parametrize("seed", range(30))
def test_measurements_number_nobody(drawn_cohort, seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 60
    cohort = drawn_cohort(
        n,
        seed,
        platelets=random.normal(250, 60, n).round() * 1000,
        psa=random.lognormal(2, 1, n).round(1),
        pressure=random.normal(80, 12, n).round(),
        leucocytes=random.lognormal(8.9, 0.4, n).round(-2),
        few=np.where(np.arange(n) < 5, np.arange(n) + 1.0, np.nan),
    )
    verdict = no_column_numbers_the_patients(cohort)
    assert (verdict.problems, verdict.warnings) == ([], [])


@pytest.mark.parametrize(("one", "other"), [("P1", "p1"), ("P1", "P1 "), ("AB-7", "ab 7"), ("x_1", "X-1")])
def test_an_identifier_spelt_twice_is_refused(drawn_cohort, one: str, other: str) -> None:
    ids = [one, other, *(f"N{k}" for k in range(198))]
    (problem,) = no_identifier_is_spelt_twice(drawn_cohort(ids=ids)).problems
    assert problem.startswith("2 identifiers are those of others but for capitals, blanks or punctuation")
    assert problem.endswith(f"first {one!r} and {other!r}")


def test_identifiers_that_differ_in_where_a_part_ends_are_two(drawn_cohort) -> None:
    ids = ["P1-12", "P11-2", *(f"N{k}" for k in range(198))]
    assert no_identifier_is_spelt_twice(drawn_cohort(ids=ids)).problems == ()
