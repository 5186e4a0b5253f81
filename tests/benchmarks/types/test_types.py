"""What the shared types refuse, and whom they name."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.errors import CompleteCasesError, RowError
from benchmarks.types import Bags, Cohort, Context, Matrix, Outcome, Patients, Prediction, Split, Table, Texts
from benchmarks.types import prediction as prediction_module
from metrics import checks

GRID = np.array([0.0, 1.0, 2.0])


def test_an_outcome_keeps_its_own_copies() -> None:
    time = np.array([1.0, 2.0])
    outcome = Outcome(time, np.array([1, 0]))
    time[0] = 99.0
    assert outcome.time.tolist() == [1.0, 2.0]
    assert outcome.event.tolist() == [True, False]
    with pytest.raises(ValueError, match="read-only"):
        outcome.time[0] = 3.0


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_a_time_that_is_not_positive_and_finite_is_refused(bad: float) -> None:
    with pytest.raises(RowError, match="row 1: time is"):
        Outcome(np.array([1.0, bad]), np.array([True, False]))


def test_an_event_that_is_neither_0_nor_1_is_refused() -> None:
    with pytest.raises(RowError, match="row 0: event is 2"):
        Outcome(np.array([1.0, 2.0]), np.array([2, 0]))
    with pytest.raises(ValueError, match="bool or 0/1"):
        Outcome(np.array([1.0]), np.array(["yes"]))


def test_different_lengths_of_time_and_event_are_refused() -> None:
    with pytest.raises(ValueError, match="2 entries"):
        Outcome(np.array([1.0, 2.0]), np.array([True]))


def test_scikit_survival_gets_event_first() -> None:
    structured = Outcome(np.array([1.5]), np.array([True])).as_structured()
    assert structured.dtype.names == ("event", "time")
    assert structured.tolist() == [(True, 1.5)]


def test_a_cohort_names_the_patient_with_an_impossible_time() -> None:
    with pytest.raises(ValueError, match="patient 'ben': time is -3"):
        Cohort.from_table(
            pd.DataFrame({"x": [1.0, 2.0]}), time=[1.0, -3.0], event=[0, 1], time_unit="days", ids=["ada", "ben"]
        )


def test_a_cohort_names_patient_and_column_of_an_infinite_value() -> None:
    with pytest.raises(ValueError, match="patient 'ben': column 'x' is infinite"):
        Cohort.from_table(
            pd.DataFrame({"x": [1.0, np.inf]}), time=[1.0, 3.0], event=[0, 1], time_unit="days", ids=["ada", "ben"]
        )


def test_a_patient_who_stands_twice_is_named() -> None:
    with pytest.raises(ValueError, match="patient 'ada' stands more than once"):
        Patients(np.array(["ada", "ben", "ada"]), {})


def test_an_unknown_time_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="time_unit is 'weeks'"):
        Cohort.from_table(pd.DataFrame({"x": [1.0]}), time=[1.0], event=[1], time_unit="weeks")


def test_rows_are_taken_by_number_and_by_mask(six_patients: Cohort) -> None:
    by_number = six_patients[[2, 0]]
    assert by_number.patients.ids.tolist() == ["cem", "ada"]
    assert by_number.outcome.time.tolist() == [8.0, 5.0]
    by_mask = six_patients[np.array([True, False, False, False, False, True])]
    assert by_mask.patients.ids.tolist() == ["ada", "fay"]


@pytest.mark.parametrize("rows", [[-1], [6], [0.5], [[0]]])
def test_row_numbers_outside_the_cohort_are_refused(six_patients: Cohort, rows: list[int]) -> None:
    with pytest.raises(ValueError, match="row"):
        six_patients[rows]


def test_rows_taken_share_no_memory_with_the_cohort(six_patients: Cohort) -> None:
    part = six_patients[[0, 1]]
    part.patients.table().frame.loc[0, "age"] = 999.0
    assert six_patients.patients.table().frame["age"].iloc[0] == 50.0


def test_rows_taken_know_nothing_of_the_levels_of_the_others(six_patients: Cohort) -> None:
    women = six_patients[[0, 2, 4]].patients.table().frame["sex"]
    assert women.cat.categories.tolist() == ["f"]


def test_the_disease_stays_whoever_and_whatever_is_taken(six_patients: Cohort) -> None:
    cohort = replace(six_patients, disease="BLCA")
    assert cohort[np.array([0, 1])].disease == cohort.only().disease == "BLCA"
    assert sha256_of_cohort(cohort) == sha256_of_cohort(six_patients)


def test_only_keeps_the_named_modalities_and_names_an_unknown_one(six_patients: Cohort) -> None:
    assert list(six_patients.only().patients.modalities) == []
    with pytest.raises(ValueError, match="no modality 'rna' here; there are: clinical"):
        six_patients.only("rna")


def test_complete_cases_have_every_named_modality() -> None:
    texts = Texts(("a", "", "c", "d"))
    matrix = Matrix(np.zeros((4, 1)), ("g",), np.array([True, True, True, False]))
    patients = Patients(np.array(list("wxyz")), {"text": texts, "rna": matrix})
    cohort = Cohort(patients, Outcome(np.ones(4), np.ones(4, bool)), "days", published_fold=np.arange(4))
    kept = cohort.complete("text", "rna")
    assert kept.patients.ids.tolist() == ["w", "y"]
    assert kept.published_fold.tolist() == [0, 2]
    assert cohort.complete("text").patients.ids.tolist() == ["w", "y", "z"]
    with pytest.raises(CompleteCasesError, match="no modality 'wsi' here; there are: text, rna"):
        cohort.complete("wsi")
    with pytest.raises(CompleteCasesError, match="no patient has text and rna"):
        cohort[[1, 3]].complete("text", "rna")


def test_of_a_cohort_with_published_folds_nobody_may_be_taken() -> None:
    # As of a validation part that is merged into the training part.
    patients = Patients(np.array(["x"]), {})
    cohort = Cohort(patients, Outcome(np.ones(1), np.ones(1, bool)), "days", published_fold=np.zeros(1))
    assert len(cohort[np.empty(0, dtype=np.int64)]) == 0


def test_fingerprints_stand_for_bags_in_the_checksum() -> None:
    class Unreadable:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, position: int) -> np.ndarray:
            raise AssertionError("read")

    def checksum(*fingerprints: str) -> str:
        bags = Bags(Unreadable(), 3, fingerprints=fingerprints)
        cohort = Cohort(Patients(np.array(["a", "b"]), {"wsi": bags}), Outcome(np.ones(2), np.ones(2, bool)), "days")
        assert cohort[[1]].patients.bags("wsi").fingerprints == (fingerprints[1],)
        return sha256_of_cohort(cohort)

    assert checksum("one", "two") == checksum("one", "two") != checksum("one", "three")
    with pytest.raises(ValueError, match="1 fingerprints for 2 bags"):
        checksum("one")


def test_a_modality_of_another_kind_is_refused(six_patients: Cohort) -> None:
    with pytest.raises(ValueError, match="'clinical' is Table, not Texts"):
        six_patients.patients.texts("clinical")


def test_a_table_has_float_and_categorical_columns_only() -> None:
    table = Table(pd.DataFrame({"n": [1, 2], "flag": [True, False], "word": ["a", None]}))
    assert table.numeric == ["n", "flag"]
    assert table.categorical == ["word"]
    assert table.present.tolist() == [True, True]


def test_a_column_that_mixes_strings_and_numbers_is_refused() -> None:
    with pytest.raises(RowError, match="row 1: column 'x' mixes strings with int"):
        Table(pd.DataFrame({"x": ["a", 1]}))


def test_a_column_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'x' stands twice"):
        Table(pd.DataFrame([[1.0, 2.0]], columns=["x", "x"]))


def test_a_matrix_must_fit_its_names() -> None:
    with pytest.raises(ValueError, match="does not fit its 3 column names"):
        Matrix(np.zeros((2, 2)), ("a", "b", "c"))


def test_an_empty_text_is_a_missing_one() -> None:
    assert Texts(("report", "")).present.tolist() == [True, False]


def test_a_text_keeps_how_many_outcome_sentences_it_has_lost() -> None:
    texts = Texts(("a", "b", "c"), outcome_sentences=np.array([0, 2, 1]))
    assert texts.take(np.array([2, 1])).outcome_sentences.tolist() == [1, 2]
    assert Texts(("a",)).outcome_sentences.tolist() == [0]
    with pytest.raises(ValueError, match="2 numbers of removed sentences for 1 texts"):
        Texts(("a",), outcome_sentences=np.array([1, 2]))


def test_bags_are_read_when_asked_for() -> None:
    class Counted:
        reads = 0

        def __len__(self) -> int:
            return 3

        def __getitem__(self, position: int) -> np.ndarray:
            Counted.reads += 1
            return np.full((position + 1, 2), position, dtype=np.float32)

    bags = Bags(Counted(), width=2).take(np.array([2, 0]))
    assert Counted.reads == 0
    assert bags[0].shape == (3, 2)
    assert bags[1].tolist() == [[0.0, 0.0]]


def test_a_bag_of_another_width_is_refused() -> None:
    with pytest.raises(RowError, match=r"row 0: bag has shape \(4, 3\)"):
        Bags([np.zeros((4, 3), dtype=np.float32)], width=2)[0]


def test_a_curve_outside_0_to_1_names_the_row() -> None:
    with pytest.raises(RowError, match=r"row 1: the survival curve leaves \[0, 1\]"):
        Prediction(np.zeros(2), GRID, np.array([[1.0, 0.5, 0.2], [1.0, 1.1, 0.2]]))


def test_a_curve_with_nan_is_refused() -> None:
    with pytest.raises(RowError, match=r"row 0: the survival curve is nan at time 1$"):
        Prediction(np.zeros(1), GRID, np.array([[1.0, np.nan, 0.2]]))


def test_a_rising_curve_names_the_row() -> None:
    with pytest.raises(RowError, match=r"row 0: the survival curve rises from 0\.4 to 0\.5 at time 2, by 0\.1$"):
        Prediction(np.zeros(1), GRID, np.array([[1.0, 0.4, 0.5]]))


def test_a_flaw_of_the_size_of_rounding_names_value_time_and_amount() -> None:
    message = r"leaves \[0, 1\]: it is -0\.0002 at time 2, by 0\.0002: computed in float32\?$"
    with pytest.raises(RowError, match=message):
        Prediction(np.zeros(1), GRID, np.array([[1.0, 0.4, -2e-4]]))
    message = r"rises from 0\.4 to 0\.4003 at time 2, by 0\.0003: computed in float32\?$"
    with pytest.raises(RowError, match=message):
        Prediction(np.zeros(1), GRID, np.array([[1.0, 0.4, 0.4003]]))


def test_a_curve_that_does_not_start_at_1_is_refused() -> None:
    with pytest.raises(RowError, match=r"row 1: the survival curve is 0\.9 at time 0, it must be 1$"):
        Prediction(np.zeros(2), GRID, np.array([[1.0, 0.4, 0.3], [0.9, 0.4, 0.3]]))


def test_a_risk_is_compared_with_the_area_under_its_curves() -> None:
    curves = np.array([[1.0, 0.9, 0.8], [1.0, 0.5, 0.2], [1.0, 0.7, 0.4]])
    assert Prediction(np.array([1.0, 3.0, 2.0]), GRID, curves).agreement() == pytest.approx(1.0)
    assert Prediction(np.array([3.0, 1.0, 2.0]), GRID, curves).agreement() == pytest.approx(-1.0)
    # Ranks 1, 3, 2 against 1, 2, 3: a correlation of 1 - 6 * 2 / (3 * 8).
    assert Prediction(np.array([1.0, 2.0, 3.0]), GRID, curves).agreement() == pytest.approx(0.5)


def test_equal_risks_or_curves_agree_with_anything() -> None:
    curves = np.array([[1.0, 0.5, 0.2], [1.0, 0.5 - 1e-9, 0.2]])
    assert Prediction(np.array([1.0, 2.0]), GRID, curves).agreement() is None
    assert Prediction(np.array([1.0, 1.0]), GRID, np.array([[1.0, 0.5, 0.2], [1.0, 0.4, 0.2]])).agreement() is None
    assert Prediction(np.array([1.0, 2.0]), GRID).agreement() is None


def test_a_curve_asked_for_after_time_0_starts_anywhere() -> None:
    assert len(Prediction(np.zeros(1), np.array([5.0, 9.0]), np.array([[0.9, 0.3]]))) == 1


def test_rounding_errors_of_a_curve_are_cleared() -> None:
    prediction = Prediction(np.zeros(1), GRID, np.array([[1.0 + 5e-7, 0.5, 0.5 + 5e-6]]))
    assert prediction.survival is not None
    assert prediction.survival.tolist() == [[1.0, 0.5, 0.5]]


def test_curves_summed_in_single_precision_are_taken() -> None:
    """One less the running sum of 300 probabilities leaves [0, 1] by 1e-6."""
    logits = np.random.default_rng(0).normal(size=(500, 300)).astype(np.float32)
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    survival = np.hstack([np.ones((500, 1), np.float32), 1 - np.cumsum(probability, axis=1, dtype=np.float32)])
    assert -2e-6 < survival.min() < -5e-7
    prediction = Prediction.from_curves(np.arange(301.0), survival)
    assert prediction.survival is not None
    assert prediction.survival.min() == 0.0
    np.testing.assert_allclose(prediction.survival, survival, rtol=0, atol=2e-6)


def test_predictions_and_metrics_agree_on_what_is_rounding() -> None:
    assert (prediction_module.ROUNDING, prediction_module.LOW_PRECISION) == (checks.ROUNDING, checks.LOW_PRECISION)


def test_a_risk_that_is_not_finite_is_refused() -> None:
    with pytest.raises(RowError, match="row 1: risk is inf"):
        Prediction(np.array([0.0, np.inf]), GRID)


@pytest.mark.parametrize("grid", [[0.0, 0.0], [1.0, 0.5], [-1.0, 1.0], []])
def test_a_grid_that_is_not_increasing_is_refused(grid: list[float]) -> None:
    with pytest.raises(ValueError, match="times must be"):
        Prediction(np.zeros(1), np.array(grid))


def test_risk_from_curves_is_the_negative_area_under_the_steps() -> None:
    # S = 1 up to 1, 0.5 up to 3, and what follows the last time does not count: area 1 + 0.5 * 2.
    prediction = Prediction.from_curves(np.array([1.0, 3.0]), np.array([[0.5, 0.1]]))
    assert prediction.risk.tolist() == [-2.0]


def test_parts_of_a_split_share_no_patient() -> None:
    with pytest.raises(ValueError, match="row 1 is in two parts"):
        Split(np.array([0, 1]), np.array([2]), np.array([1, 3]), repeat=0, fold=0)


def test_an_empty_part_of_a_split_is_refused() -> None:
    with pytest.raises(ValueError, match="validation part"):
        Split(np.array([0, 1]), np.array([], dtype=int), np.array([3]), repeat=0, fold=0)


def test_the_checksum_of_a_split_tells_its_parts_apart() -> None:
    one = Split(np.array([0]), np.array([1]), np.array([2]), 0, 0)
    same = Split(np.array([0]), np.array([1]), np.array([2]), 3, 1)
    other = Split(np.array([1]), np.array([0]), np.array([2]), 0, 0)
    assert one.sha256 == same.sha256 != other.sha256


def test_named_streams_of_a_context_differ_and_repeat(tmp_path) -> None:
    context = Context(seed=3, workdir=tmp_path)
    assert context.generator("a").random() == context.generator("a").random()
    assert context.generator("a").random() != context.generator("b").random()
    assert context.seconds_left() == np.inf


def _bag_of_two_slides_and_one_of_none() -> Cohort:
    instances = np.arange(10, dtype=np.float32).reshape(5, 2)
    bags = Bags(
        [instances, instances[:0]],
        width=2,
        present=np.array([True, False]),
        borders=(np.array([0, 2, 5]), np.array([0])),
    )
    return Cohort(Patients(np.array(["a", "b"]), {"wsi": bags}), Outcome(np.ones(2), np.ones(2, bool)), "days")


def test_a_bag_keeps_the_borders_of_its_slides_whoever_is_taken() -> None:
    cohort = _bag_of_two_slides_and_one_of_none()
    assert cohort.patients.bags("wsi").slides(0).tolist() == [0, 2, 5]
    assert cohort.patients.bags("wsi").slides(1).tolist() == [0]
    assert cohort[[1, 0]].patients.bags("wsi").slides(1).tolist() == [0, 2, 5]
    assert cohort.only("wsi").patients.bags("wsi").slides(0).tolist() == [0, 2, 5]
    assert cohort.complete("wsi").patients.bags("wsi").slides(0).tolist() == [0, 2, 5]


def test_a_bag_without_borders_is_one_piece() -> None:
    assert Bags([np.ones((3, 2), dtype=np.float32)], width=2).slides(0).tolist() == [0, 3]


def test_borders_are_part_of_the_content() -> None:
    whole, cut = (
        Cohort(
            Patients(np.array(["a"]), {"wsi": Bags([np.ones((4, 2), np.float32)], 2, borders=(np.array(borders),))}),
            Outcome(np.ones(1), np.ones(1, bool)),
            "days",
        )
        for borders in ([0, 4], [0, 2, 4])
    )
    assert sha256_of_cohort(whole) != sha256_of_cohort(cut)


@pytest.mark.parametrize("borders", [[1, 3], [0, 2, 2], [0, 3, 2], [], [[0, 3]]])
def test_borders_that_do_not_rise_from_zero_are_refused(borders: list[int]) -> None:
    with pytest.raises(RowError, match=r"row 0: borders of slides must rise from 0"):
        Bags([np.ones((3, 2), np.float32)], 2, borders=(np.array(borders),))


def test_borders_that_do_not_end_with_the_bag_are_named_when_it_is_read() -> None:
    bags = Bags([np.ones((3, 2), np.float32)], 2, borders=(np.array([0, 2]),))
    with pytest.raises(RowError, match="row 0: bag has 3 instances, its last slide ends at 2"):
        bags[0]
    with pytest.raises(ValueError, match="borders of 1 bags for 2 bags"):
        Bags([np.ones((3, 2), np.float32)] * 2, 2, borders=(np.array([0, 3]),))
