"""Measures of explanations, computed by hand."""

import numpy as np
import pytest

from methods.llm_distillation.explanations import ExplanationMeasures, explanation_table, judged

SHOWN = [("age 67, stage III", "A tumor of 4 cm."), ("age 50",), ("stage II",), ()]
TEXTS = (
    "Stage III and a 4 cm tumor in a 67-year-old.",  # three that the data state
    "Stage I at age 60.",  # one that they do not speak of, one that they state otherwise
    "All is well.",
    None,
)


def test_claims_are_counted_over_all_explanations() -> None:
    found = judged(TEXTS, SHOWN)
    assert (found.patients, found.explained, found.claims) == (4, 3, 5)
    assert (found.grounded, found.contradicted, found.unsupported) == (3, 1, 1)
    assert found.grounded_share == pytest.approx(0.6)
    assert found.grounded_share + found.contradicted_share + found.unsupported_share == pytest.approx(1)
    assert found.claims_per_explanation == pytest.approx(5 / 3)
    assert found.words == pytest.approx((10 + 5 + 3) / 3)


def test_percentages_are_compared_where_both_are_known() -> None:
    stated = np.array([[0.8, 0.5], [np.nan, 0.4], [np.nan, np.nan], [np.nan, np.nan]])
    curve = np.array([[0.7, 0.5], [0.9, 0.1], [0.5, 0.5], [0.5, 0.5]])
    found = judged(TEXTS, SHOWN, stated, curve)
    assert found.compared == 3
    assert found.percentage_gap == pytest.approx((10 + 0 + 30) / 3)


def test_without_claims_there_is_no_share() -> None:
    found = judged(("All is well.", " "), [(), ()])
    assert found.explained == 1
    assert np.isnan(found.grounded_share)
    assert found.diagnostics() == {"explained_share": 0.5, "explanation_words": 3.0, "claims_per_explanation": 0.0}


def test_without_explanations_nothing_is_defined_but_that() -> None:
    assert judged((None, ""), [(), ()]).diagnostics() == {"explained_share": 0.0}


def test_all_measures_are_told() -> None:
    found = judged(TEXTS, SHOWN, np.full((4, 1), 0.8), np.full((4, 1), 0.6))
    assert found.diagnostics() == pytest.approx(
        {
            "explained_share": 0.75, "explanation_words": 6.0, "claims_per_explanation": 5 / 3,
            "claims_grounded_share": 0.6, "claims_contradicted_share": 0.2, "claims_unsupported_share": 0.2,
            "percentage_gap": 20.0,
        }
    )  # fmt: skip


def test_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="4 explanations, but 1"):
        judged(TEXTS, SHOWN[:1])
    with pytest.raises(ValueError, match="same shape"):
        judged(TEXTS, SHOWN, np.zeros((4, 2)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="same shape"):
        judged(TEXTS, SHOWN, np.zeros((4, 2)))


def test_writers_stand_below_each_other() -> None:
    student = judged(TEXTS, SHOWN, np.full((4, 1), 0.8), np.full((4, 1), 0.6))
    silent = ExplanationMeasures(4, 0, np.nan, 0, 0, 0, 0, np.nan)
    assert explanation_table({"student": student, "untuned": silent}).splitlines() == [
        "| writer | explained | words | claims | grounded | contradicted | unsupported | gap (points) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| student | 3 of 4 | 6 | 1.67 | 60% | 20% | 20% | 20.0 |",
        "| untuned | 0 of 4 | - | - | - | - | - | - |",
    ]
