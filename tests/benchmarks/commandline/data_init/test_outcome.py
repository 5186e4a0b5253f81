"""``data init``: the outcome is told from names and values, asked where they do not tell, and never turned round."""

import numpy as np
import pytest
from drafted_tables import ROWS, Init, coin, drawn, times


def test_every_decision_is_one_line_with_its_reason(init: Init) -> None:
    said = init.run(drawn(rownames=range(1, ROWS + 1), months=times(), status=coin("alive", "dead")))
    assert said.splitlines()[:7] == [
        "patient: 'patient_id' (a known name, every row differs)",
        "time: 'months' (a known name, positive numbers)",
        "event: 'status' (a known name, beside 'months')",
        "event values: 'dead' = event, 'alive' = censored (known words)",
        "time unit: 'months' (by the name 'months')",
        "endpoint: 'death from any cause' (by its values)",
        "left out: 'rownames' (row numbers)",
    ]
    assert "60 patients" in said
    assert list(init.cohort().patients.table().frame) == ["age", "grade"]


def test_all_that_cannot_be_told_is_one_error_with_the_options_that_answer(init: Init) -> None:
    error = init.asks(drawn(patient_id=None, t=times(), cens=coin(0, 1)))
    title, *lines = error.splitlines()
    assert title == "error: t.csv does not tell all; give"
    assert [line.split(":")[0] for line in lines] == ["  --patient", "  --event-values", "  --time-unit"]
    assert "the name does not tell whether 1 means" in lines[1]


@pytest.mark.parametrize(
    "name",
    ["OS_censor", "vital_status_alive", "death_censored", "cens", "censdead", "event_free", "no_event", "relapse_free",
     "without_relapse", "OS_CNSR", "overall_survival", "survived", "not_dead"],
)  # fmt: skip
def test_a_name_that_may_turn_the_outcome_round_gets_no_direction(init: Init, name: str) -> None:
    table = drawn(days=times(), **{name: coin(0, 1)})
    error = init.asks(table, "--event", name)
    assert f"--event-values: {name!r}: the name does not tell whether 1 means that it happened" in error
    init.run(table, "--event", name, "--event-values", "0")
    assert init.cohort().outcome.n_events == (table[name] == 0).sum()


def test_the_other_direction_is_taken_when_it_is_said(init: Init) -> None:
    table = drawn(days=times(), OS_censor=coin(0, 1))
    init.run(table, "--censored-values", "0")
    assert init.cohort().outcome.n_events == (table["OS_censor"] == 1).sum()


def test_words_tell_what_happened_whatever_the_column_is_called(init: Init) -> None:
    table = drawn(days=times(), OS_censor=coin("censored", "dead"))
    init.run(table)
    assert init.draft()["table"]["event_values"] == ["dead"]


def test_cnsr_of_adtte_is_zero_for_an_event_and_says_so(init: Init) -> None:
    table = drawn(patient_id=None, USUBJID=[f"S-{k:03d}" for k in range(ROWS)], AVAL=times(), CNSR=coin(0, 1))
    said = init.run(table, "--time-unit", "months")
    assert "event values: '0' = event, '1' = censored (CNSR beside AVAL, as in CDISC's ADTTE" in said
    assert init.cohort().outcome.n_events == (table["CNSR"] == 0).sum()


def test_the_codes_of_cbioportal_are_known(init: Init) -> None:
    table = drawn(OS_MONTHS=times(), OS_STATUS=coin("0:LIVING", "1:DECEASED"))
    init.run(table)
    assert init.draft()["table"]["event_values"] == ["1:DECEASED"]
    assert init.draft()["time_unit"] == "months"
    assert init.draft()["endpoint"] == "death from any cause"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((1, 2), "1 and 2: in R's survival 1 = censored and 2 = dead"),
        (("ltx", "death"), "'ltx' ("),
        (("B", "A"), "'A' ("),
    ],
)
def test_codes_without_a_known_meaning_are_asked(init: Init, values: tuple[object, object], told: str) -> None:
    error = init.asks(drawn(days=times(), status=coin(*values)))
    assert f"--event-values: 'status': {told}" in error


def test_three_codes_are_asked_and_the_third_is_named_by_an_option(init: Init) -> None:
    status = np.resize([0, 1, 2], ROWS)
    table = drawn(days=times(), status=status)
    assert "0, 1 and 2: several kinds of event" in init.asks(table)
    assert "'1' (20 rows): not known what it means" in init.asks(table, "--event-values", "2")
    init.run(table, "--event-values", "2", "--censored-values", "0,1")
    assert init.cohort().outcome.n_events == 20


def test_only_known_words_count_as_censored(init: Init) -> None:
    status = coin("Alive", "Dead")
    status[[3, 8]] = "Not Reported"
    status[11] = "'--"
    table = drawn(days=times(), vital_status=status)
    for options in ([], ["--event-values", "Dead"]):
        error = init.asks(table, *options)
        assert "'Not Reported' (2 rows)" in error
        assert '"\'--" (1 row)' in error
        assert "--missing" in error
    init.run(table, "--censored-values", "Alive,Not Reported,'--")
    assert init.cohort().outcome.n_events == (status == "Dead").sum()


@pytest.mark.parametrize(
    ("time", "event", "values"),
    [
        ("futime", "fustat", (0, 1)),
        ("OS_MONTHS", "OS_STATUS", ("LIVING", "DECEASED")),
        ("PFI.time", "PFI", (0, 1)),
        ("tenure", "Churn", ("No", "Yes")),
        ("T", "E", (0, 1)),
        ("week", "arrest", (0, 1)),
        ("edrel", "rel", (0, 1)),
        ("lenfol", "fstat", (0, 1)),
        ("rfstime", "status", (0, 1)),
        ("t.tdm", "e.tdm", (0, 1)),
        ("duration", "event", (False, True)),
        ("Survival_from_surgery_days", "status", (0, 1)),
        ("survival_months", "vital_status", ("Alive", "Dead")),
        ("months", "outcome", (0, 1)),
        ("time", "DEATH_EVENT", (0, 1)),
        ("daysToDeathOrLastFollowup", "vitalStatus", ("alive", "dead")),
    ],
)
def test_usual_names_are_known(init: Init, time: str, event: str, values: tuple[object, object]) -> None:
    others = {"marital_status": coin(0, 1, seed=4), "er_status": coin("Negative", "Positive", seed=5)}
    table = drawn(**{time: times(), event: coin(*values)}, **others, year=np.resize([1990, 1991, 1992], ROWS))
    init.run(table, "--time-unit", "days")
    assert (init.draft()["table"]["time"], init.draft()["table"]["event"]) == (time, event)
    assert init.cohort().outcome.n_events == (table[event] == values[1]).sum()
    assert {"marital_status", "er_status", "year"} <= set(init.cohort().patients.table().frame)


def test_a_time_in_two_columns_is_asked_to_be_made_one(init: Init) -> None:
    dead = coin(0, 1) == 1
    table = drawn(vital_status=np.where(dead, "Dead", "Alive"), days_to_death=np.where(dead, times(), np.nan),
                  days_to_last_follow_up=np.where(dead, np.nan, times()))  # fmt: skip
    error = init.asks(table)
    assert "--time: 'days_to_death', 'days_to_last_follow_up' are known for some patients only" in error
    assert "add one column" in error


def test_words_among_the_times_are_named_to_be_declared_missing(init: Init) -> None:
    days = times().astype(object)
    days[[2, 7]] = "'--"
    table = drawn(days=days, status=coin(0, 1))
    assert "--time: 'days' holds \"'--\": --missing names words that mean missing" in init.asks(table)
    init.run(table, "--missing", "'--", "--exclude-without-outcome")
    assert len(init.cohort()) == ROWS - 2
    assert init.draft()["format"]["missing"] == ["'--"]


def test_an_event_that_nobody_had_is_named(init: Init) -> None:
    assert "--event: all rows of 'status' have '0'" in init.asks(drawn(days=times(), status=0))


def test_no_time_runs_longer_than_a_life(init: Init) -> None:
    assert "--time-unit: 'time' holds" in init.asks(drawn(time=times(), status=coin(0, 1)))
    said = init.run(drawn(time=times() * 100, status=coin(0, 1)))
    assert "time unit: 'days' (the longest time, " in said


def test_rows_without_an_outcome_are_counted(init: Init) -> None:
    late = times()
    late[:4] = np.nan
    late[5] = 0
    error = init.asks(drawn(days=late, status=coin(0, 1)))
    assert "--exclude-without-outcome: 5 rows have no time greater than 0, or no event" in error
    init.run(drawn(days=late, status=coin(0, 1)), "--exclude-without-outcome")
    assert len(init.cohort()) == ROWS - 5


def test_a_column_whose_values_tell_the_event_is_left_out(init: Init) -> None:
    event = coin(0, 1)
    described = np.where(event == 1, np.resize(["heart", "cancer"], ROWS), "well")
    nearly = described.copy()
    nearly[:2] = "cancer"
    init.run(drawn(days=times(), status=event, described=described, nearly=nearly))
    assert init.draft()["clinical"]["leave_out"] == ["described"]
