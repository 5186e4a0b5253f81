"""The committed page says what the committed boards hold, and nothing that may not be published."""

import json
from pathlib import Path

import pytest

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.registry import dataset_cards, expand
from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.regression.grid import read_grid
from benchmarks.regression.reference import read_references
from leaderboards.boards.shown import shown_datasets
from leaderboards.pages.published import page_of, read_published

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
    for board in read_published(root / REFERENCE).boards.boards:
        assert not cards[board.dataset].embargo
        assert not cards[board.dataset].oracle


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
