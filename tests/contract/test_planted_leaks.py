"""Leaks that are planted in a sound method: each is found by the check made for it, and an honest method passes."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS, run_check

PLANTED = Path(__file__).parent / "planted"

OUTCOMES = "other outcomes of the test patients change no prediction"
IDENTIFIERS = "other identifiers of the patients change no prediction"
IN_BETWEEN = "a fit on another fold in between changes no prediction"
ON_DISK = "what another process keeps of another fold changes no prediction"
LARGE_BATCH = "160 patients together are predicted as few of them"


def failed_checks(method_class: Any) -> list[str]:
    candidate = Candidate(method_card("cox_ph"), method_class)
    return [title for title in CHECKS if not run_check(title, candidate).passed]


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Return a function that loads ``module:Class`` from copies of the planted modules, as yet without a file."""
    names = []
    for module in PLANTED.glob("*.py"):
        shutil.copy(module, tmp_path)
        names.append(module.stem)
    monkeypatch.syspath_prepend(tmp_path)

    def load(entry: str) -> Any:
        module, _, name = entry.partition(":")
        return getattr(importlib.import_module(module), name)

    yield load
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("entry", "titles"),
    [
        ("planted_leaks:SearchesItsCallers", [OUTCOMES]),
        ("planted_leaks:RemembersIdentifiers", [IN_BETWEEN]),
        ("planted_leaks:RemembersFaces", [IN_BETWEEN]),
        ("planted_leaks:KnowsThemByName", [IDENTIFIERS]),
        ("planted_leaks:ReadsTheNumberInTheName", [IDENTIFIERS]),
        ("planted_leaks:ScalesLargeBatches", [LARGE_BATCH]),
        ("keeps_files:ReadsAtImport", [ON_DISK]),
        ("keeps_files:ReadsAtPrediction", [IN_BETWEEN, ON_DISK]),
    ],
)
def test_a_leak_is_found_by_the_check_made_for_it_and_by_no_other(
    planted: Callable[[str], Any], entry: str, titles: list[str]
) -> None:
    assert failed_checks(planted(entry)) == titles


def test_a_method_that_searches_memory_for_the_outcomes_is_found(planted: Callable[[str], Any]) -> None:
    """What else it fails hangs on what has been removed from memory already."""
    candidate = Candidate(method_card("cox_ph"), planted("planted_leaks:SearchesMemory"))
    assert not run_check(OUTCOMES, candidate).passed


def test_what_an_earlier_call_left_behind_hides_no_leak(planted: Callable[[str], Any]) -> None:
    """Who was seen in one call would be in both predictions of the next: the patients must be others."""
    candidate = Candidate(method_card("cox_ph"), planted("keeps_files:ReadsAtPrediction"))
    assert [run_check(title, candidate).passed for title in (IN_BETWEEN, ON_DISK) * 2] == [False] * 4


@pytest.mark.parametrize("name", ["kaplan_meier", "cox_ph"])
@pytest.mark.parametrize(
    "title", [OUTCOMES, IDENTIFIERS, LARGE_BATCH, IN_BETWEEN, pytest.param(ON_DISK, marks=pytest.mark.long)]
)
def test_an_honest_method_passes_ten_times_out_of_ten(name: str, title: str) -> None:
    card = method_card(name)
    candidate = Candidate(card, load_entry(card))
    assert [run_check(title, candidate).problem for _ in range(10)] == [""] * 10
