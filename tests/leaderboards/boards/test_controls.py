"""A row with a shuffled modality is a control: what gains over clinical by that modality falls back with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.scoring.design import read_design
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.storage.store import Store
from leaderboards.boards.board import Board, board_of, make_board
from leaderboards.boards.candidates import candidates
from leaderboards.boards.gains import Gain, NoGain
from leaderboards.boards.overall import make_overall
from leaderboards.boards.pairs import PairedComparison, compare_pair, find_row
from leaderboards.boards.stored import by_dataset, scored, stored_records
from leaderboards.pages.formats import Boards, as_markdown

FOLDS = 3
SHUFFLED = "cox_concat, rna shuffled"


def run(folder: Path, *arguments: str) -> None:
    names = ("simulated-unimodal", "simulated-null")
    small = [argument for name in names for argument in ("--set", f"{name}.n=400")]
    command = ["run", *arguments, "--dataset", ",".join(names), *small, "--folds", str(FOLDS), "--jobs", "2"]
    with pytest.raises(SystemExit) as exit_:
        main([*command, "--json", "--results", str(folder)])
    assert exit_.value.code == 0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("results")
    both = ("--modalities", "clinical,rna")
    run(folder, "--method", "cox_ph,cox_concat,fusion_average", *both)
    run(folder, "--method", "cox_ph,cox_concat", *both, "--shuffle", "rna")
    run(folder, "--method", "fusion_average", "--modalities", "rna", "--shuffle", "rna")
    return Store.open(folder)


def board(store: Store, dataset: str) -> Board:
    return make_board(store, by_dataset(stored_records(store, pytest.fail))[dataset], "harrell_c")


def concordance(store: Store, dataset: str, first: str, second: str) -> PairedComparison:
    records = by_dataset(stored_records(store, pytest.fail))[dataset]
    rows = candidates(scored(store, records))
    pair = find_row(rows, first), find_row(rows, second)
    found = compare_pair(read_design(store, records), FOLDS, *pair)
    return next(comparison for comparison in found if comparison.measure == "harrell_c")


def test_a_method_that_reads_what_matters_falls_when_it_is_shuffled(store: Store) -> None:
    found = concordance(store, "simulated-unimodal", "cox_concat", SHUFFLED)
    assert found.fitted.lower > 0.1
    over_clinical = {row.name: row.gain for row in board(store, "simulated-unimodal").rows}
    assert over_clinical["cox_concat"].lower > 0.05
    assert over_clinical[SHUFFLED].lower < 0


def test_where_nothing_is_to_find_shuffling_takes_nothing_away(store: Store) -> None:
    assert concordance(store, "simulated-null", "cox_concat", SHUFFLED).fitted.p_value > 0.05


def test_a_control_has_gains_and_no_gain_is_over_it(store: Store) -> None:
    made = board(store, "simulated-unimodal")
    gains = {row.name: (row.gain, row.own_gain, row.plain_gain) for row in made.rows}
    # Neither the form on expression alone, which is shuffled, nor any other control is what others gain over.
    assert gains["fusion_average"][1] is None
    assert gains["cox_concat"][2].over == gains[SHUFFLED][2].over == "fusion_average"
    assert gains["fusion_average"][2] is None
    over = {gain.over for row in gains.values() for gain in row if isinstance(gain, Gain)}
    assert over == {"cox_ph", "fusion_average"}


def test_a_method_that_is_not_shown_the_modality_has_one_row_and_one_result(store: Store) -> None:
    names = [row.name for row in board(store, "simulated-unimodal").rows]
    assert sorted(names) == ["cox_concat", SHUFFLED, "cox_ph", "fusion_average", "fusion_average on rna, rna shuffled"]


def test_a_control_changes_nothing_that_is_said_of_the_methods(store: Store) -> None:
    records = by_dataset(stored_records(store, pytest.fail))["simulated-unimodal"]
    alone = make_board(store, [record for record in records if not record.cell.shuffled], "harrell_c")
    beside = make_board(store, records, "harrell_c")
    assert beside.rows[: len(alone.rows)] == alone.rows
    controls = beside.rows[len(alone.rows) :]
    assert [(row.rank, row.letters, row.lacks("harrell_c")) for row in controls] == [(None, "", "")] * 2
    text = as_markdown(Boards((beside,), None))
    assert f"| - | {SHUFFLED} | clinical+rna | control | 0." in text


def test_a_fusion_average_that_failed_makes_no_gain(store: Store) -> None:
    records = by_dataset(stored_records(store, pytest.fail))["simulated-unimodal"]
    victim = next(record for record in records if record.cell.method == "fusion_average" and not record.cell.shuffled)
    cells = [
        ScoredCell(replace(cell.record, status="timeout", cause="by hand")) if cell.record == victim else cell
        for cell in scored(store, records)
    ]
    made = board_of(cells, read_design(store, records), "harrell_c")
    gains = {row.name: row.plain_gain for row in made.rows}
    told = NoGain(over="fusion_average", reason="fusion_average failed on 1 of 3 folds")
    assert gains["cox_concat"] == gains[SHUFFLED] == told
    assert gains["cox_ph"] is None
    assert "fusion_average failed on 1 of 3 folds |" in as_markdown(Boards((made,), None))


def test_a_control_is_not_ranked_among_the_methods_over_all(store: Store) -> None:
    made = make_overall([board(store, "simulated-unimodal"), board(store, "simulated-null")])
    assert (SHUFFLED, "a control") in made.left_out
    assert sorted(row.name for row in made.rows) == ["cox_concat", "cox_ph", "fusion_average"]
