"""``data init``: who is who, and which columns are no covariates."""

import numpy as np
import pandas as pd
from drafted_tables import ROWS, Init, coin, drawn, times


def test_a_measurement_never_becomes_the_identifier(init: Init) -> None:
    bmi = np.random.default_rng(1).permutation(ROWS) * 0.37 + 18
    table = drawn(patient_id=None, days=times(), status=coin(0, 1), bmi=bmi, platelets=np.arange(ROWS) * 7 + 100)
    assert "--patient: no column with a usual name or with codes differs in every row" in init.asks(table)


def test_a_table_without_identifiers_can_go_by_its_rows(init: Init) -> None:
    table = drawn(patient_id=None, days=times(), status=coin(0, 1))
    assert "--patient: no column with a usual name or with codes differs in every row" in init.asks(table)
    init.run(table, "--patient", "(row number)")
    assert list(init.cohort().patients.ids[:2]) == ["2", "3"]
    assert list(init.cohort().patients.table().frame) == ["age", "grade"]


def test_row_numbers_become_the_identifier_only_when_asked_for(init: Init) -> None:
    table = drawn(patient_id=None, rownames=range(1, ROWS + 1), days=times(), status=coin(0, 1))
    assert "'rownames' holds row numbers: name it if every row is another patient" in init.asks(table)
    init.run(table, "--patient", "rownames")
    assert len(init.cohort()) == ROWS


def test_an_identifier_that_repeats_is_an_error_and_no_row_name_takes_its_place(init: Init) -> None:
    visits = drawn(patient_id=None, rownames=range(1, ROWS + 1), id=np.arange(ROWS) // 2, days=np.repeat(times(30), 2),
                   status=np.repeat(coin(0, 1, 30), 2), visit=np.resize([1, 2], ROWS))  # fmt: skip
    error = init.asks(visits)
    assert "'id' repeats: several rows per patient (30 patients in 60 rows); within a patient 'visit', 'age'" in error
    assert init.asks(visits, "--patient", "id") == error
    said = init.run(visits, "--patient", "rownames")
    assert "check: 'id' repeats: rows of one patient may stand in train and test part" in said
    assert "left out: 'id' (another identifier)" in said


def test_intervals_of_counting_process_data_are_several_rows_per_patient(init: Init) -> None:
    table = pd.DataFrame(
        {"start": np.resize([0, 10], ROWS), "stop": np.resize([10, 25], ROWS), "event": np.resize([0, 1], ROWS),
         "id": np.arange(ROWS) // 2}
    )  # fmt: skip
    assert "'id' repeats: several rows per patient" in init.asks(table)


def test_row_numbers_and_further_identifiers_are_no_covariates(init: Init) -> None:
    order = np.argsort(times())
    table = drawn(days=times(), status=coin(0, 1), row=np.arange(1, ROWS + 1)[order],
                  hospital_no=np.arange(ROWS) * 13 + 5000, sample_id=[f"S{k}" for k in range(ROWS)])  # fmt: skip
    init.run(table)
    assert set(init.draft()["clinical"]["leave_out"]) == {"row", "hospital_no", "sample_id"}
    init.run(table, "--keep", "hospital_no")
    assert set(init.draft()["clinical"]["leave_out"]) == {"row", "sample_id"}


def test_a_column_without_a_name_that_counts_rows_is_left_out(init: Init) -> None:
    init.run(drawn(days=times(), status=coin(0, 1)).to_csv())
    assert init.draft()["clinical"]["leave_out"] == [""]
    assert list(init.cohort().patients.table().frame) == ["age", "grade"]


def test_the_outcomes_of_a_table_are_all_named_and_the_others_left_out(init: Init) -> None:
    table = drawn(patient_id=None, pid=range(101, 101 + ROWS), rtime=times(scale=900) + 1000, recur=coin(0, 1),
                  dtime=times(scale=900, seed=6) + 1000, death=coin(0, 1, seed=8))  # fmt: skip
    error = init.asks(table)
    assert "--time and --event: 2 outcomes are found: 'rtime' with 'recur' (recurrence); 'dtime' with 'death'" in error
    for options in (["--time", "dtime"], ["--event", "death"]):
        said = init.run(table, *options)
        assert "left out: 'rtime', 'recur' (of another outcome (recurrence): tells the outcome)" in said
        assert init.draft()["table"]["time"] == "dtime"
        assert init.draft()["table"]["event"] == "death"
        assert init.draft()["time_unit"] == "days"
        assert list(init.cohort().patients.table().frame) == ["age", "grade"]


def test_what_is_known_only_after_the_outcome_is_left_out_by_name_or_by_its_gaps(init: Init) -> None:
    event = coin(0, 1)
    chapter = np.where(event == 1, "heart", None)
    chapter[np.flatnonzero(event == 1)[:3]] = "lung"
    outcomes = {"OS.time": times(), "OS": event, "DSS.time": times(seed=2), "DSS": coin(0, 1, seed=9)}
    vital = np.where(event == 1, "Dead", "Alive")
    table = drawn(**outcomes, vital_status=vital, death_days_to=times(seed=4), chapter=chapter)
    init.run(table, "--event", "OS", "--time-unit", "days")
    left = set(init.draft()["clinical"]["leave_out"])
    assert left == {"DSS.time", "DSS", "vital_status", "death_days_to", "chapter"}
    assert init.draft()["table"]["time"] == "OS.time"


def test_words_among_the_numbers_of_covariates_are_asked_about_and_no_measurement_is_lost(init: Init) -> None:
    marker = np.random.default_rng(2).normal(size=ROWS).round(4).astype(object)
    marker[[1, 5, 9]] = "[Not Available]"
    table = drawn(days=times(), status=coin(0, 1), marker=marker)
    assert "--missing: '[Not Available]' stands among the numbers of 'marker'" in init.asks(table)
    init.run(table, "--missing", "[Not Available]")
    assert list(init.cohort().patients.table().frame) == ["marker", "age", "grade"]
    table.loc[30, "marker"] = "<0.1"
    error = init.run(table, "--missing", "[Not Available]", code=2)
    assert "cohort.toml is written, but the data do not fit it yet" in error
    assert "'<0.1'" in error
    init.run(table, "--missing", "[Not Available],<0.1")
    assert list(init.cohort().patients.table().frame) == ["marker", "age", "grade"]


def test_covariates_that_do_not_fit_are_all_told_after_the_file_is_written(init: Init) -> None:
    mixed = np.resize(np.array([1.5, 2.5, "x"], dtype=object), ROWS)
    error = init.run(drawn(days=times(), status=coin(0, 1), crp=mixed, ldh=mixed), code=2)
    title, *lines = error.splitlines()
    assert title == "error: cohort.toml is written, but the data do not fit it yet"
    assert ["'crp'" in lines[0], "'ldh'" in lines[1]] == [True, True]


def test_options_add_to_what_is_left_out_and_are_checked(init: Init) -> None:
    table = drawn(rownames=range(ROWS), days=times(), status=coin(0, 1), ward=coin("a", "b"))
    init.run(table, "--leave-out", "ward")
    assert init.draft()["clinical"]["leave_out"] == ["rownames", "ward"]
    assert "--leave-out wrad: the table has no such column; did you mean ward" in init.asks(
        table, "--leave-out", "wrad"
    )
    assert "--time day: did you mean days?" in init.asks(table, "--time", "day")
    assert "--event-values C: the column holds 0, 1" in init.asks(table, "--event-values", "C")
    assert "no value is left" in init.asks(table, "--event-values", "0,1")
    assert "'age' has 55 different values: an event has a few" in init.asks(table, "--event", "age")
