"""``--validation merge``: methods that need no validation part are trained on it, and stand on boards of their own."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.commandline.app import main
from benchmarks.protocol.splits import test_to_train as ratio_of
from benchmarks.storage.store import Store
from benchmarks.types import Split
from leaderboards.boards.stored import stored_records

Capture = pytest.CaptureFixture[str]


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    return int(exit_.value.code or 0)


def run(folder: Path, *arguments: str) -> int:
    return call("run", "--dataset", "gbsg2", "--folds", "3", "--results", str(folder), *arguments)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    assert run(folder, "--method", "cox_ph,kaplan_meier,coxnet", "--validation", "merge") == 0
    assert run(folder, "--method", "cox_ph,kaplan_meier") == 0
    return folder


def board(results: Path, capsys: Capture, kind: str) -> dict[str, Any]:
    capsys.readouterr()
    assert call("leaderboard", "--validation", kind, "--json", "--results", str(results)) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_was_validation_is_training_and_nothing_else_moves() -> None:
    first = Split([0, 1], [2], [3], 0, 0)  # type: ignore[arg-type]  # 2026-11-26: lists are made arrays
    merged = first.merge_validation()
    assert merged.train.tolist() == [0, 1, 2]
    assert merged.validation.size == 0
    assert merged.test.tolist() == [3]
    assert merged.sha256 != first.sha256
    with pytest.raises(ValueError, match="the validation part of repeat 0, fold 0 is empty"):
        Split([0, 1], [], [3], 0, 0)  # type: ignore[arg-type]  # 2026-11-26: lists are made arrays


def test_the_share_of_the_test_part_counts_all_that_was_trained_on() -> None:
    # Of five folds a fifth is tested on: 1/5 over 4/5, or over 4/5 of 4/5.
    assert ratio_of(5, merged=True) == pytest.approx(0.25)
    assert ratio_of(5, merged=False) == pytest.approx(0.2 / 0.64)


def test_a_method_that_needs_the_part_is_skipped_with_the_reason(results: Path) -> None:
    records = [record for record in stored_records(Store.open(results), pytest.fail) if record.cell.method == "coxnet"]
    assert [record.status for record in records] == ["skipped"] * 3
    assert "needs the validation part" in records[0].cause


def test_the_two_kinds_never_stand_on_one_board(results: Path, capsys: Capture) -> None:
    assert call("leaderboard", "--results", str(results)) == 2
    assert "read one kind with --validation" in capsys.readouterr().err
    merged, held_out = (board(results, capsys, kind)["boards"][0] for kind in ("merge", "held-out"))
    assert "trained on train and validation" in merged["split"]
    assert "validation" not in held_out["split"]
    assert merged["rows"][0]["row"]["averages"] != held_out["rows"][0]["row"]["averages"]


def test_no_score_is_told_of_a_validation_part_that_was_trained_on(results: Path) -> None:
    table = pd.read_parquet(results / "scores.parquet")
    merged = table[table["merged"] == "train+validation"]
    assert set(merged["part"].dropna()) == {"test"}
    assert set(table[table["merged"] == ""]["part"]) == {"test", "validation"}
