"""Over all datasets methods are compared by ranks; a failure is the worst rank, and what was not run is left out."""

from dataclasses import replace

import pytest

from benchmarks.scoring.summary import Average, Row, State
from benchmarks.types import MAIN
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain
from leaderboards.boards.overall import make_overall
from leaderboards.pages.overall_table import overall_sentences, overall_table


def row(name: str, value: float | None, state: State = "complete") -> BoardRow:
    of_cells = Row(
        dataset="d",
        method=name,
        variant=MAIN,
        modalities=("clinical",),
        state=state,
        cells=5,
        ok=5,
        averages={},
        fit_seconds=1.0,
        peak_memory=0,
    )
    return BoardRow(name=name, row=of_cells, config={}, labels={}, value=value)


def board(dataset: str, *rows: BoardRow, measure: str = "harrell_c") -> Board:
    return Board(dataset=dataset, measure=measure, protocol="p", data_sha256="d", split="s", events=200, rows=rows)


def test_ranks_are_averaged_and_ties_share_theirs() -> None:
    overall = make_overall(
        [
            board("one", row("a", 0.7), row("b", 0.6), row("c", 0.6)),
            board("two", row("a", 0.6), row("b", 0.7), row("c", 0.5)),
        ]
    )
    assert {r.name: (r.mean_rank, r.ranks) for r in overall.rows} == {
        "a": (1.5, (1.0, 2.0)),
        "b": (1.75, (2.5, 1.0)),
        "c": (2.75, (2.5, 3.0)),
    }
    assert [r.name for r in overall.rows] == ["a", "b", "c"]


def test_a_failure_has_the_worst_rank() -> None:
    overall = make_overall(
        [
            board("one", row("a", None, "failed"), row("b", 0.6)),
            board("two", row("a", 0.9), row("b", 0.6)),
        ]
    )
    ranks = {r.name: r for r in overall.rows}
    assert ranks["a"].ranks == (2.0, 1.0)
    assert ranks["a"].failed == ("one",)


def undefined(name: str) -> BoardRow:
    average = Average(status="undefined", problem="no pair is comparable")
    of = row(name, None)
    return replace(of, row=replace(of.row, averages={"harrell_c": average}))


def test_a_dataset_on_which_nobody_has_the_measure_takes_no_part() -> None:
    overall = make_overall(
        [
            board("one", row("a", 0.7), row("b", 0.6)),
            board("two", undefined("a"), undefined("b")),
            board("three", row("a", 0.7), undefined("b")),
        ]
    )
    assert overall.datasets == ("one", "three")
    assert overall.undefined == ("two",)
    assert [(r.name, r.ranks) for r in overall.rows] == [("a", (1.0, 1.0))]
    assert overall.left_out == (("b", "on three: no harrell_c: no pair is comparable"),)


@pytest.mark.parametrize(("methods", "datasets", "warned"), [(2, 5, True), (2, 6, False), (5, 8, True), (5, 9, False)])
def test_it_is_said_where_so_few_datasets_cannot_separate_anybody(methods: int, datasets: int, warned: bool) -> None:
    names = [f"m{k}" for k in range(methods)]
    overall = make_overall(
        [board(f"d{n}", *(row(name, 0.9 - 0.1 * k) for k, name in enumerate(names))) for n in range(datasets)]
    )
    letters = {r.name: r.letters for r in overall.rows}
    assert bool(overall.warning) == warned
    assert (letters["m0"] == letters[names[-1]]) == warned


def test_a_method_that_was_not_run_or_skipped_somewhere_is_left_out() -> None:
    overall = make_overall(
        [
            board("one", row("a", 0.7), row("b", 0.6), row("c", None, "skipped")),
            board("two", row("a", 0.7), row("c", 0.6)),
        ]
    )
    assert [r.name for r in overall.rows] == ["a"]
    assert overall.left_out == (("b", "not run on two"), ("c", "not run on one"))


def test_a_method_that_was_run_on_few_datasets_is_named_with_these() -> None:
    overall = make_overall(
        [
            board("one", row("a", 0.7), row("a, tuned", 0.7), row("b, tuned", 0.7)),
            *(board(str(n), row("a", 0.7)) for n in range(3)),
        ]
    )
    reason = "run on one alone"
    assert overall.left_out == (("a, tuned", reason), ("b, tuned", reason))
    assert f"Not ranked: a, tuned; b, tuned: {reason}." in overall_sentences(overall)


def test_below_five_datasets_nothing_is_tested_and_said_so() -> None:
    overall = make_overall([board(str(n), row("a", 0.7), row("b", 0.6)) for n in range(4)])
    assert (overall.p_value, overall.critical_difference) == (None, None)
    assert [r.letters for r in overall.rows] == ["", ""]
    assert "4 datasets" in overall.warning


def test_from_enough_datasets_a_consistent_winner_is_separated() -> None:
    overall = make_overall([board(str(n), row("a", 0.7 + n / 100), row("b", 0.6)) for n in range(8)])
    assert overall.p_value == pytest.approx(0.0)
    assert [r.letters for r in overall.rows] == ["a", "b"]
    assert overall.critical_difference == pytest.approx(0.693, abs=1e-3)  # q(0.95; 2) / sqrt(2) * sqrt(6 / 48)
    assert overall.warning == ""


def test_for_the_brier_score_the_lowest_is_first() -> None:
    overall = make_overall([board(str(n), row("a", 0.2), row("b", 0.1), measure="ibs") for n in range(2)])
    assert [r.name for r in overall.rows] == ["b", "a"]


def test_where_rows_read_several_modalities_on_two_datasets_only_such_datasets_take_part() -> None:
    def fused(value: float) -> BoardRow:
        one = row("net", value)
        return replace(one, row=replace(one.row, modalities=("clinical", "rna")))

    two = [board(name, fused(0.7), row("a", 0.6)) for name in ("one", "two")]
    alone = board("three", row("a", 0.8), row("b", 0.7))

    overall = make_overall([*two, alone])
    assert overall.datasets == ("one", "two")
    assert [row.name for row in overall.rows] == ["net", "a"]
    assert overall.one_modality == ("three",)
    assert any("three: not among the datasets" in said for said in overall_sentences(overall))

    mixed = make_overall([two[0], alone])
    assert mixed.datasets == ("one", "three")
    assert mixed.one_modality == ()


def test_the_mean_gain_is_that_of_independent_datasets_and_needs_all_of_them() -> None:
    def gained(name: str, gain: float, half: float) -> BoardRow:
        found = Gain(over="cox_ph", value=gain, lower=gain - half, upper=gain + half, p_value=0.5)
        return replace(row(name, 0.7), gain=found)

    overall = make_overall(
        [
            board("one", gained("net", 0.04, 0.03), gained("once", 0.02, 0.02), row("cox_ph", 0.6)),
            board("two", gained("net", 0.00, 0.04), row("once", 0.6), row("cox_ph", 0.6)),
        ]
    )
    gains = {r.name: r.gain for r in overall.rows}
    assert gains["once"] is None
    assert gains["cox_ph"] is None
    assert gains["net"] is not None
    # sqrt(0.03^2 + 0.04^2) / 2: the half lengths of independent means add up in squares.
    assert gains["net"].value == pytest.approx(0.02)
    assert gains["net"].lower == pytest.approx(0.02 - 0.025)
    assert gains["net"].upper == pytest.approx(0.02 + 0.025)
    assert gains["net"].p_value == pytest.approx(0.117, abs=0.001)
    headings, texts = overall_table(overall)
    assert dict(zip(headings, texts[0], strict=True))["mean gain over Cox"] == "+0.020 [-0.005, +0.045]"
    assert any("no row gain on average, and no row fall below" in said for said in overall_sentences(overall))
