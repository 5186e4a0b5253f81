"""A row that shows what a doubtful recipe does stands on no board; `show` and `compare` tell it."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from benchmarks.catalog.registry import load_entry, method_cards
from benchmarks.commandline.app import main

Capture = pytest.CaptureFixture[str]

QUICK = ("epochs=2", "members=2", "width=16", "heads=2")


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    return int(exit_.value.code or 0)


def run(folder: Path, method: str, *settings: str) -> None:
    chosen = [argument for setting in settings for argument in ("--set", setting)]
    where = ("--dataset", "gbsg2", "--folds", "2", "--results", str(folder))
    assert call("run", "--method", method, *chosen, *where) == 0


def test_a_demonstration_is_left_out_of_the_board_and_said(tmp_path: Path, capsys: Capture) -> None:
    run(tmp_path, "modalsurv", "faithful=true", *QUICK)
    capsys.readouterr()
    assert call("leaderboard", "--results", str(tmp_path)) == 2
    assert "modalsurv [faithful=true]: a demonstration" in capsys.readouterr().err
    run(tmp_path, "cox_ph")
    capsys.readouterr()
    assert call("leaderboard", "--results", str(tmp_path)) == 0
    told = capsys.readouterr()
    assert "left out: modalsurv [faithful=true]: a demonstration" in told.err
    assert "cox_ph" in told.out
    assert "modalsurv" not in told.out
    assert call("compare", "modalsurv", "cox_ph", "--results", str(tmp_path)) == 0


@pytest.mark.parametrize("name", [card.name for card in method_cards().values() if card.demonstrations])
def test_what_a_card_calls_a_demonstration_is_a_switch_that_is_off(name: str) -> None:
    card = method_cards()[name]
    method: Any = load_entry(card)
    defaults = {field.name: field.default for field in fields(method.config_type)}
    assert [defaults[switch] for switch in card.demonstrations] == [False] * len(card.demonstrations)
