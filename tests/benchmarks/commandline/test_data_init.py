"""``data init``: what it guesses, with the reason, what it asks, and that it turns no outcome round."""

import gzip
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.loading import load_dataset
from benchmarks.commandline.app import main
from benchmarks.types import Cohort

Capture = pytest.CaptureFixture[str]
ROWS = 60


@pytest.fixture(autouse=True)
def no_cohort_files_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield
    registry.dataset_cards.cache_clear()


def drawn(rows: int = ROWS, **columns: Any) -> pd.DataFrame:
    """Draw a table without an outcome, and put columns before its covariates; None takes one away."""
    rng = np.random.default_rng(3)
    covariates = {"age": rng.normal(60, 10, rows).round(1), "grade": rng.choice(["low", "high"], rows)}
    every = {"patient_id": [f"P{k:03d}" for k in range(rows)], **columns, **covariates}
    return pd.DataFrame({name: values for name, values in every.items() if values is not None})


def times(rows: int = ROWS, scale: float = 20.0, seed: int = 5) -> "np.ndarray[Any, Any]":
    return (np.random.default_rng(seed).exponential(scale, rows) + 0.1).round(3)


def coin(first: object, second: object, rows: int = ROWS, seed: int = 7) -> "np.ndarray[Any, Any]":
    """Draw one of two values for each row; the second in about six of ten."""
    drawn = np.random.default_rng(seed).random(rows) < 0.6
    return np.array([second if one else first for one in drawn], dtype=object)


class Init:
    """``data init`` on a table in a folder of its own."""

    def __init__(self, folder: Path, capsys: Capture) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, table: pd.DataFrame | str, *options: str, code: int = 0, file: str = "t.csv") -> str:
        """Run on a table that is written first; return what is said, or the error."""
        text = table if isinstance(table, str) else table.to_csv(index=False)
        (self.folder / file).write_bytes(text.encode())
        (self.folder / "cohort.toml").unlink(missing_ok=True)
        with pytest.raises(SystemExit) as ended:
            main(["data", "init", str(self.folder / file), "--yes", *options])
        said = self._capsys.readouterr()
        assert ended.value.code == code, said
        assert not said.err or said.err.startswith("error: ")
        return said.err if code else said.out

    def asks(self, table: pd.DataFrame | str, *options: str) -> str:
        """Return the error; nothing is written."""
        error = self.run(table, *options, code=2)
        assert not (self.folder / "cohort.toml").exists()
        return error

    def draft(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "cohort.toml").read_text())

    def cohort(self) -> Cohort:
        return load_dataset(registry.register_cohort_file(self.folder / "cohort.toml")).cohort


@pytest.fixture
def init(tmp_path: Path, capsys: Capture) -> Init:
    return Init(tmp_path, capsys)


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


def test_an_event_that_nobody_had_is_named(init: Init) -> None:
    assert "--event: all rows of 'status' have '0'" in init.asks(drawn(days=times(), status=0))


def test_covariates_that_do_not_fit_are_all_told_after_the_file_is_written(init: Init) -> None:
    mixed = np.resize(np.array([1.5, 2.5, "x"], dtype=object), ROWS)
    error = init.run(drawn(days=times(), status=coin(0, 1), crp=mixed, ldh=mixed), code=2)
    title, *lines = error.splitlines()
    assert title == "error: cohort.toml is written, but the data do not fit it yet"
    assert ["'crp'" in lines[0], "'ldh'" in lines[1]] == [True, True]


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


def test_names_with_markup_and_control_characters_are_printed_literally(init: Init) -> None:
    table = drawn(**{"days": times(), "status": coin(0, 1), "[red]note[/red]": "x", "a\x1bb :smile:": "y"})
    said = init.run(table)
    assert r"left out: '[red]note[/red]', 'a\x1bb :smile:' (one value only)" in said


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("t.CSV", "{}"),
        ("t.csv", "\ufeff{}"),
        ("t.csv", "# a note\n# another one\n{}"),
        ("t.csv", "sep=,\n{}"),
    ],
)
def test_tables_as_spreadsheets_and_portals_write_them_are_drafted(init: Init, file: str, text: str) -> None:
    table = drawn(days=times(), status=coin(0, 1))
    init.run(text.format(table.to_csv(index=False)), file=file)
    assert len(init.cohort()) == ROWS


def test_tabs_semicolons_and_compressed_files_are_drafted(init: Init, capsys: Capture) -> None:
    table = drawn(days=times(), status=coin(0, 1))
    init.run(table.to_csv(index=False, sep="\t"), file="t.tsv")
    assert len(init.cohort()) == ROWS
    init.run("sep=;\n" + table.to_csv(index=False, sep=";", decimal=","))
    assert init.draft()["format"] == {"separator": ";", "decimal": ","}
    (init.folder / "t.csv.gz").write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    (init.folder / "cohort.toml").unlink()
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv.gz"), "--yes"])
    assert ended.value.code == 0
    assert len(init.cohort()) == ROWS


def test_a_file_with_one_column_is_refused(init: Init) -> None:
    assert "only one column is found" in init.asks("t status sex\n" + "35 0 1\n" * 20)


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


def test_a_name_that_a_dataset_of_the_suite_has_is_not_taken(init: Init) -> None:
    init.run(drawn(days=times(), status=coin(0, 1)), file="gbsg2.csv")
    assert init.draft()["name"] == "own-gbsg2"
    assert len(init.cohort()) == ROWS


def test_init_never_overwrites(init: Init, capsys: Capture) -> None:
    init.run(drawn(days=times(), status=coin(0, 1)))
    before = (init.folder / "cohort.toml").read_text()
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv"), "--yes"])
    assert ended.value.code == 2
    assert "exists already" in capsys.readouterr().err
    assert (init.folder / "cohort.toml").read_text() == before


class Asked:
    """Somebody who takes every default, and answers from a list where there is none."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[tuple[str, str | None]] = []

    def __call__(self, question: str, default: str | None = None, **_: object) -> str:
        self.questions.append((question.partition(" (")[0].partition(" [")[0], default))
        return default if default is not None else self.answers.pop(0)


def interview(init: Init, table: pd.DataFrame, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    table.to_csv(init.folder / "t.csv", index=False)
    monkeypatch.setattr("typer.prompt", asked)
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv")])
    assert ended.value.code == 0


def test_guesses_are_the_defaults_of_the_questions(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    interview(init, drawn(months=times(), status=coin("alive", "dead")), asked, monkeypatch)
    assert asked.questions == [
        ("Column of the patients' identifiers", "patient_id"),
        ("Column of the times", "months"),
        ("Column of the event", "status"),
        ("Which values mean the event", "dead"),
        ("Unit of the times", "months"),
        ("What is the event", "death from any cause"),
        ("Further columns that are no covariates", ""),
    ]


def test_values_that_nobody_gave_a_meaning_end_the_questions_with_what_helps(
    init: Init, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status = coin("alive", "dead")
    status[4] = "Not Reported"
    drawn(days=times(), status=status).to_csv(init.folder / "t.csv", index=False)
    monkeypatch.setattr("typer.prompt", Asked("dead", "alive"))
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv")])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "'Not Reported' (1 row) is in neither list; start again with --missing 'Not Reported'" in error


def test_what_is_not_told_is_asked_without_a_default(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    table = drawn(rtime=times(), recur=np.resize([0, 1, 2], ROWS), dtime=times(seed=9), cens=coin(0, 1))
    asked = Asked("no such column", "rtime", "3", "2", "0,1", "months")
    interview(init, table, asked, monkeypatch)
    assert [default for _, default in asked.questions[:6]] == ["patient_id", None, None, "recur", None, None]
    assert init.draft()["table"]["censored_values"] == ["0", "1"]
