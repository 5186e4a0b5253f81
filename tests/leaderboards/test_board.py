"""The board ranks what is complete, puts failures last, and separates only what the tests separate."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.store import Store
from leaderboards.board import make_board
from leaderboards.formats import as_csv, as_json, as_markdown
from leaderboards.stored import ScoredCell, by_dataset, scored_cells

RUN = ["run", "--dataset", "whas500", "--folds", "4", "--jobs", "2", "--json"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("results")
    with pytest.raises(SystemExit) as exit_:
        main([*RUN, "--method", "cox_ph,kaplan_meier,random_survival_forest", "--results", str(folder)])
    assert exit_.value.code == 0
    return Store.open(folder)


@pytest.fixture
def cells(store: Store) -> list[ScoredCell]:
    return by_dataset(list(scored_cells(store)))["whas500"]


def failed(cells: list[ScoredCell], method: str) -> list[ScoredCell]:
    """Return the cells with one of a method's turned into a failure."""
    victim = next(cell for cell in cells if cell.record.cell.method == method)
    broken = ScoredCell(replace(victim.record, status="timeout", cause="time limit of 1 s passed"), None)
    return [broken if cell is victim else cell for cell in cells]


def test_methods_are_ranked_and_equals_share_a_letter(store: Store, cells: list[ScoredCell]) -> None:
    board = make_board(store, cells, "harrell_c")
    assert [row.rank for row in board.rows] == [1, 2, 3]
    letters = {row.row.method: set(row.letters) for row in board.rows}
    assert board.rows[2].row.method == "kaplan_meier"
    assert letters["cox_ph"] & letters["random_survival_forest"]
    assert not letters["cox_ph"] & letters["kaplan_meier"]
    assert board.events == 215


def test_for_the_brier_score_lower_is_better(store: Store, cells: list[ScoredCell]) -> None:
    board = make_board(store, cells, "ibs")
    means = [row.row.averages["ibs"].mean for row in board.rows]
    assert means == sorted(means)
    assert "below clinical-only Cox" in board.rows[-1].flags


def test_the_gain_is_over_cox_and_cox_has_none(store: Store, cells: list[ScoredCell]) -> None:
    gain = {row.row.method: row.gain for row in make_board(store, cells, "harrell_c").rows}
    assert gain["cox_ph"] is None
    assert gain["kaplan_meier"].upper < -0.2


def test_a_failed_method_is_last_without_a_mean(store: Store, cells: list[ScoredCell]) -> None:
    board = make_board(store, failed(cells, "cox_ph"), "harrell_c")
    last = board.rows[-1]
    assert (last.row.method, last.rank, last.row.averages) == ("cox_ph", None, {})
    assert all(row.gain is None for row in board.rows)
    text = as_markdown([board])
    assert "| - | cox_ph | clinical | 3/4 ok |" in text
    assert "- cox_ph: 1 of 4 cells timeout: time limit of 1 s passed" in text


def test_the_formats_agree(store: Store, cells: list[ScoredCell]) -> None:
    board = make_board(store, cells, "harrell_c")
    rows = list(csv.DictReader(io.StringIO(as_csv([board]))))
    (parsed,) = json.loads(as_json([board]))
    assert [row["method"] for row in rows] == [row["row"]["method"] for row in parsed["rows"]]
    assert float(rows[0]["harrell_c"]) == parsed["rows"][0]["row"]["averages"]["harrell_c"]["mean"]
    assert f"| 1 | {rows[0]['method']} |" in as_markdown([board])


def test_the_command_writes_a_file_and_refuses_what_is_not_there(store: Store, tmp_path: Path, capsys) -> None:
    out = tmp_path / "board.md"
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--results", str(store.root), "--output", str(out)])
    assert exit_.value.code == 0
    assert out.read_text().startswith("## whas500\n")
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--results", str(store.root), "--dataset", "gbsg2"])
    assert exit_.value.code == 2
    assert "has no results on gbsg2; it has: whas500" in capsys.readouterr().err
