"""The committed page says what the committed boards hold, and nothing that may not be published."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_boards import board, board_row

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.registry import dataset_cards, expand
from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.execution.environment import Machine
from benchmarks.regression.grid import read_grid
from benchmarks.regression.reference import read_references
from leaderboards.boards.board import Board
from leaderboards.boards.shown import shown_datasets
from leaderboards.pages.formats import Boards
from leaderboards.pages.published import LoadedAs, Published, page_of, read_published, with_kept

REFERENCE = Path("leaderboards") / "reference"


def test_the_page_is_that_of_the_boards(root: Path) -> None:
    page = (root / "LEADERBOARD.md").read_text()
    assert page == page_of(read_published(root / REFERENCE)), (
        "make it again: leaderboard --publish (docs/leaderboards.md)"
    )


def test_zero_has_no_sign_of_its_own(root: Path) -> None:
    assert "-0.000" not in (root / "LEADERBOARD.md").read_text()


def test_no_dataset_under_embargo_or_simulated_is_published(root: Path) -> None:
    cards = dataset_cards()
    for one in read_published(root / REFERENCE).boards.boards:
        assert not cards[one.dataset].embargo
        assert not cards[one.dataset].oracle


def test_no_reference_holds_more_than_a_number_a_fold(root: Path) -> None:
    # A list as long as a test part would be one of patients.
    def longest(value: object) -> int:
        if isinstance(value, dict):
            return max((longest(part) for part in value.values()), default=0)
        if isinstance(value, list):
            return max([len(value), *(longest(part) for part in value)])
        return 0

    files = [*(root / REFERENCE).rglob("*.json")]
    assert files
    assert max(longest(json.loads(path.read_text())) for path in files) < 40


def test_there_is_a_reference_for_everything_in_the_grid(root: Path) -> None:
    declared = {
        (dataset, method)
        for run in read_grid(root / REFERENCE)
        for method in expand(run.methods)
        for dataset in run.datasets.split(",")
    }
    assert set(read_references(root / REFERENCE)) == declared


def card(**fields: str) -> DatasetCard:
    texts = dict.fromkeys(("name", "entry", "title", "source", "citation", "licence", "endpoint", "time_unit"), "x")
    return DatasetCard(**texts, modalities=("clinical",), **fields)


def test_embargoed_and_simulated_datasets_are_left_out_and_refused_by_name(monkeypatch) -> None:
    cards = {"open": card(), "secret": card(embargo="until the paper is out"), "made_up": card(oracle="a:b")}
    monkeypatch.setattr("leaderboards.boards.shown.dataset_cards", lambda: cards)
    there = ["made_up", "open", "own_cohort", "secret"]
    shown, reasons = shown_datasets(there, named=False, include_embargoed=False)
    assert shown == ["open", "own_cohort"]
    assert reasons == {
        "secret": "until the paper is out; --include-embargoed shows it",
        "made_up": "it is simulated, and stands on no board",
    }
    shown, reasons = shown_datasets(there, named=False, include_embargoed=True)
    assert shown == ["open", "own_cohort", "secret"]
    assert list(reasons) == ["made_up"]
    with pytest.raises(UsageError, match="secret: until the paper is out"):
        shown_datasets(["secret"], named=True, include_embargoed=False)
    with pytest.raises(UsageError, match="made_up: it is simulated"):
        shown_datasets(["made_up", "open"], named=True, include_embargoed=True)
    with pytest.raises(UsageError, match="made_up: it is simulated"):
        shown_datasets(["made_up"], named=False, include_embargoed=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--include-embargoed", "--output", "page.md"], "leave --include-embargoed out"),
        ([], "name the Markdown page with --output"),
        (["--format", "tex", "--output", "page.tex"], "name the Markdown page with --output"),
    ],
)
def test_publishing_needs_a_page_and_no_embargo(
    tmp_path: Path, monkeypatch, capsys, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--publish", "reference", *arguments])
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def published(*boards: Board, machine: str = "m1", torch: str = "2.13.0") -> Published:
    return Published(
        date="2026-11-01",
        machines={one.dataset: (Machine("Linux x86_64", "CPU", machine, 2),) for one in boards},
        devices=("cpu",),
        libraries={"torch": (torch,)},
        boards=Boards(boards, None),
        loaded={one.dataset: LoadedAs(options={"of": machine}) for one in boards},
    )


def test_published_boards_of_other_datasets_stay_with_what_made_them() -> None:
    before = published(board("a", board_row("x", 0.5, rank=1)), board("b", board_row("x", 0.6, rank=1)))
    made = published(board("b", board_row("x", 0.7, rank=1)), machine="m2", torch="2.14.0")

    both = with_kept(made, before)
    assert [(one.dataset, one.rows[0].value) for one in both.boards.boards] == [("a", 0.5), ("b", 0.7)]
    assert both.boards.overall is not None
    assert both.boards.overall.datasets == ("a", "b")
    assert {name: machine.arithmetic for name, (machine,) in both.machines.items()} == {"a": "m1", "b": "m2"}
    assert both.libraries == {"torch": ("2.13.0", "2.14.0")}
    assert {name: loaded.options["of"] for name, loaded in both.loaded.items()} == {"a": "m1", "b": "m2"}


def test_nothing_stays_of_boards_that_are_all_made_anew() -> None:
    before = published(board("b", board_row("x", 0.6, rank=1)))
    made = published(board("b", board_row("x", 0.7, rank=1)), machine="m2", torch="2.14.0")
    assert with_kept(made, before) == made


def test_the_page_says_which_datasets_were_run_on_another_machine() -> None:
    rest = [board(name, board_row("x", 0.5, rank=1)) for name in ("a", "b")]
    one = published(*rest, machine="Haswell AVX512_ICL")
    assert "Machine: 2 cores of CPU (Linux x86_64, Haswell kernels). Device: cpu." in page_of(one)
    two = with_kept(published(board("c", board_row("x", 0.5, rank=1)), machine="Zen"), one)
    assert (
        "Machine: 2 cores of CPU (Linux x86_64, Haswell kernels); c on 2 cores of CPU (Linux x86_64, Zen kernels): "
        "costs compare rows of one dataset, not datasets."
    ) in page_of(two)


def test_boards_by_another_measure_are_not_mixed() -> None:
    before = published(board("a", board_row("x", 0.5, rank=1), measure="ibs"))
    with pytest.raises(UsageError, match="--keep: the published boards are ranked by ibs, these by harrell_c"):
        with_kept(published(board("b", board_row("x", 0.7, rank=1))), before)


def test_the_page_says_that_nothing_is_tuned_only_where_nothing_is() -> None:
    one = board("a", board_row("x", 0.5, rank=1))
    assert "nothing tuned within its fold" in page_of(published(one))
    (row,) = one.rows
    tuned = replace(one, rows=(replace(row, row=replace(row.row, tuned=", tuned (20 trials)")),))
    assert "nothing tuned" not in page_of(published(tuned))
    assert "but for the rows called tuned" in page_of(published(tuned))
