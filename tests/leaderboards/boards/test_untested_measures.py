"""By a measure without influence of patients, rows are ranked by means over the folds and no pair is tested."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.protocol.measures import measure_named
from benchmarks.scoring.design import Design
from benchmarks.scoring.summary import Average, Row
from benchmarks.storage.store import Store
from benchmarks.types import MAIN
from leaderboards.boards.board import Board, make_board
from leaderboards.boards.candidates import Candidate
from leaderboards.boards.entries import Entry
from leaderboards.boards.overall import make_overall
from leaderboards.boards.ranking import NOT_TESTED, Ranking, rank_rows
from leaderboards.boards.stored import by_dataset, stored_records
from leaderboards.pages.formats import Boards, as_csv, as_json, as_latex, as_markdown, as_parquet, from_json

RUN = ["run", "--dataset", "gbsg2,whas500", "--folds", "4", "--jobs", "2", "--json"]
NOTHING_TESTED = Design((), 0, (), ())


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    with pytest.raises(SystemExit) as exit_:
        main([*RUN, "--method", "cox_ph,kaplan_meier,weibull_aft", "--results", str(folder)])
    assert exit_.value.code == 0
    return folder


def boards_by(results: Path, measure: str) -> list[Board]:
    store = Store.open(results)
    return [make_board(store, records, measure) for records in by_dataset(stored_records(store, pytest.fail)).values()]


def ranking(measure: str, means: Mapping[str, float]) -> Ranking:
    """Rank rows of which nothing but the mean of a measure is known."""
    rows = {}
    for name, mean in means.items():
        row = Row(
            dataset="d",
            method=name,
            variant=MAIN,
            modalities=(),
            state="complete",
            cells=4,
            ok=4,
            averages={measure: Average(status="defined", mean=mean)},
            fit_seconds=1.0,
            peak_memory=0,
        )
        rows[name] = Candidate(name, Entry(method=name, config={}, settings="", modalities=(), cells=()), row)
    return rank_rows(NOTHING_TESTED, rows, measure_named(measure))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("measure", "means", "order"),
    [
        ("auc", {"a": 0.6, "b": 0.7, "c": 0.5}, ["b", "a", "c"]),
        ("brier", {"a": 0.2, "b": 0.3, "c": 0.1}, ["c", "a", "b"]),
        ("calibration_slope", {"a": 0.7, "b": 1.2, "c": 1.4}, ["b", "a", "c"]),
        ("calibration_intercept", {"a": -0.3, "b": 0.2, "c": 0.1}, ["c", "b", "a"]),
        ("d_calibration_p", {"a": 0.75, "b": 1.0, "c": 0.5}, ["b", "a", "c"]),
    ],
)
def test_the_best_is_first_in_the_direction_of_the_measure(
    measure: str, means: dict[str, float], order: list[str]
) -> None:
    found = ranking(measure, means)
    assert list(found.values) == order
    assert found.ranks == {name: place for place, name in enumerate(order, start=1)}
    assert found.values == means
    assert set(found.letters.values()) == {""}


def test_equal_means_share_a_rank() -> None:
    assert ranking("d_calibration_p", {"a": 0.5, "b": 1.0, "c": 1.0}).ranks == {"b": 1, "c": 1, "a": 3}


def test_a_board_says_that_no_pair_is_tested(results: Path) -> None:
    made = boards_by(results, "brier")[1]
    assert [row.value for row in made.rows] == [row.row.averages["brier"].mean for row in made.rows]
    assert made.warning == NOT_TESTED
    assert all((row.letters, row.gain, row.own_gain) == ("", None, None) for row in made.rows)
    text = as_markdown(Boards((made,), None))
    assert "Ranked by Brier score at the horizon (Brier): mean over the test folds, lower is better." in text
    assert f"**Warning**: {NOT_TESTED}." in text
    assert "| rank | method | reads | cells | C ↑ |" in text
    assert "| Brier ↓ |" in text
    assert "share a letter" not in text
    assert "gain over" not in text


def test_every_form_carries_the_measure_and_the_warning(results: Path) -> None:
    made = Boards(tuple(boards_by(results, "brier")), None)
    rows = list(csv.DictReader(io.StringIO(as_csv(made))))
    assert {(row["ranked_by"], row["warning"], row["letters"]) for row in rows} == {("brier", NOT_TESTED, "")}
    assert [float(row["brier"]) for row in rows] == [row.value for board in made.boards for row in board.rows]
    assert NOT_TESTED in as_latex(made)
    assert json.loads(as_json(made))["boards"][0]["warning"] == NOT_TESTED
    assert from_json(as_json(made)) == made
    assert as_parquet(made).startswith(b"PAR1")


def test_a_method_that_lacks_the_measure_is_not_ranked_and_is_no_failure(results: Path) -> None:
    boards = boards_by(results, "calibration_slope")
    last = boards[0].rows[-1]
    assert (last.name, last.rank) == ("kaplan_meier", None)
    reason = "no calibration_slope: undefined in 4 of 4 folds: all predictions are equal"
    assert f"- kaplan_meier: {reason}" in as_markdown(Boards((boards[0],), None))
    overall = make_overall(boards)
    assert {row.name: row.failed for row in overall.rows} == {"cox_ph": (), "weibull_aft": ()}
    ((name, why),) = overall.left_out
    assert name == "kaplan_meier"
    assert why.startswith(f"on gbsg2, whas500: {reason}")


def test_over_all_datasets_the_slope_nearest_to_one_is_first(results: Path) -> None:
    boards = boards_by(results, "calibration_slope")
    first = make_overall(boards).rows[0]
    best = [
        min(
            (row for row in board.rows if row.value is not None),
            key=lambda row: abs(row.row.averages["calibration_slope"].mean - 1),
        ).name
        for board in boards
    ]
    assert best == [first.name] * 2
    assert first.ranks == (1.0, 1.0)


def test_a_measure_that_is_not_there_is_refused(results: Path, capsys) -> None:
    board = ("leaderboard", "--results", str(results), "--metric")
    assert "--metric teacher_sperman: no such measure; did you mean teacher_spearman" in refused(
        capsys, *board, "teacher_sperman"
    )
    assert "--metric teacher_spearman: no method has it in all folds; cox_ph on gbsg2: " in refused(
        capsys, *board, "teacher_spearman"
    )


def test_two_methods_are_compared_by_folds_alone(results: Path, capsys) -> None:
    pair = ["compare", "cox_ph", "weibull_aft", "--dataset", "whas500", "--results", str(results), "--metric", "brier"]
    with pytest.raises(SystemExit) as exit_:
        main([*pair, "--json"])
    assert exit_.value.code == 0
    (row,) = json.loads(capsys.readouterr().out)["datasets"]["whas500"]
    means = {row.name: row.value for row in boards_by(results, "brier")[1].rows}
    assert row["pooled"] == pytest.approx(means["cox_ph"] - means["weibull_aft"])
    assert row["fitted"] is None
    assert row["methods"]["value"] == pytest.approx(row["pooled"])
    with pytest.raises(SystemExit):
        main(pair)
    told = " ".join(capsys.readouterr().out.split())
    assert "brier: the difference is the mean over the folds; models are not tested" in told


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("calibration_slope", "a difference of it does not tell which method is better; leaderboard --metric"),
        ("d_calibration_p", "a difference of p-values does not tell which method is better"),
        ("teacher_mae", "no dataset on which both cox_ph and weibull_aft are complete and have teacher_mae"),
        ("brier_score", "no such measure; did you mean brier"),
    ],
)
def test_what_a_difference_does_not_tell_is_refused(results: Path, capsys, metric: str, said: str) -> None:
    assert said in refused(capsys, "compare", "cox_ph", "weibull_aft", "--results", str(results), "--metric", metric)
