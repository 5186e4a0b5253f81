"""A method harms its own cell at most: those beside it are unharmed, and every verb reads the folder afterwards."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.execution.cell_files import LOG_BYTES
from tests.faults.conftest import MarkedRun

# What becomes of the cell of each; an empty cause: it is ok.
CAUSES = {
    "RaisesEscapes": r"Red\x1b[31m: \x1b[2J gone\x07\udc80!!!",
    "RaisesWithoutText": "MuteError",
    "WritesReservedNames": "",
    "DeletesItsFolder": "",
    "DeletesTheWorkFolder": "",
    "ReplacesTheWorkFolder": "",
    "SaysOkWithoutPredictions": "predictions.npz holds no predictions: it is missing",
    "ReportsAList": "what the cell's process reported is damaged: ",
    "ReportsAnImpossibleTime": "what the cell's process reported is damaged: seconds.fit: Input should be a finite",
    "ReportsWithoutEnd": "what the cell's process reported is damaged: a line of more than 1048576 bytes",
    "ClosesAllFiles": "the process exited with code 1 before it reported a result",
    "ClosesItsOutput": "",
    "MovesElsewhere": "",
    "PrintsMuch": "",
    "WritesMuch": "texts.jsonl would hold 149 MiB; at most 64.0 MiB are kept",
    "ChangesWhatItReturned": "",
    "ReturnsASubclass": "",
    "ReturnsObjects": "TypeError: a text is of type object, not str",
    "RisksTooMuch": "risk is 1e+308, beyond 1e+100",
    "ReportsTooMuch": "diagnostic 'share' is 1e+308",
    "HoldsTooMuch": "predictions.npz would hold",
    "NamesThingsLikeFiles": "",
    "NamesThingsBadly": "is no name",
}
GBSG2 = ("--dataset", "gbsg2", "--folds", "2", "--fold", "0")
FILES = {"cell.json", "scores.json", "influence.safetensors", "predictions.npz", "log.txt"}


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[MarkedRun, dict[str, Any]]:
    """Run all of them after a method that behaves; return the rows of the summary."""
    run = MarkedRun(tmp_path_factory.mktemp("hostile"))
    methods = ",".join(["kaplan_meier", *(f"hostile:{name}" for name in CAUSES)])
    code, summary, err = run.run("run", "--method", methods, *GBSG2)
    assert code == 1, err
    assert "Traceback" not in err
    assert "\x1b" not in err
    return run, {row["method"].rpartition(":")[2]: row for row in summary["rows"]}


@pytest.mark.parametrize("method", CAUSES)
def test_it_is_a_row_with_its_cause(hostile_run: tuple[MarkedRun, dict[str, Any]], method: str) -> None:
    row = hostile_run[1][method]
    assert CAUSES[method] in row["problem"]
    assert row["ok"] == (0 if CAUSES[method] else 1)
    assert bool(row["averages"]) == (not CAUSES[method])


def test_the_cell_beside_them_is_that_of_a_run_without_them(
    hostile_run: tuple[MarkedRun, dict[str, Any]], tmp_path: Path
) -> None:
    run, rows = hostile_run
    assert rows["kaplan_meier"]["ok"] == 1
    assert run.wait_until_nothing_is_left() == []
    alone = MarkedRun(tmp_path)
    code, summary, err = alone.run("run", "--method", "kaplan_meier", *GBSG2)
    assert code == 0, err
    (key,) = summary["cells"]
    for name in ("predictions.npz", "scores.json", "influence.safetensors"):
        beside = run.results / "cells" / key / name
        assert beside.read_bytes() == (alone.results / "cells" / key / name).read_bytes(), name


def test_nothing_but_the_files_of_a_cell_is_kept_and_no_link(hostile_run: tuple[MarkedRun, dict[str, Any]]) -> None:
    kept = list(hostile_run[0].results.glob("cells/*/*"))
    assert {path.name for path in kept} == FILES
    assert all(path.is_file() and not path.is_symlink() for path in kept)


def test_a_log_has_its_beginning_and_its_end(hostile_run: tuple[MarkedRun, dict[str, Any]]) -> None:
    logs = list(hostile_run[0].results.glob("cells/*/log.txt"))
    assert max(path.stat().st_size for path in logs) <= LOG_BYTES
    (text,) = [path.read_text() for path in logs if path.stat().st_size > 2**20]
    assert text.startswith("the beginning")
    assert text.endswith("the end\n")
    assert "[the middle of this log is left out]" in text


@pytest.mark.parametrize("verb", ["status", "score", "leaderboard"])
def test_every_verb_reads_the_folder_afterwards(hostile_run: tuple[MarkedRun, dict[str, Any]], verb: str) -> None:
    process = hostile_run[0].start(verb)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "Traceback" not in err


def test_a_cell_that_runs_while_its_folder_is_taken_away_is_unharmed(tmp_path: Path) -> None:
    methods = "misbehaving:Sleeps,hostile:ReplacesTheWorkFolder"
    code, summary, err = MarkedRun(tmp_path).run("run", "--method", methods, *GBSG2, "--jobs", "2")
    assert code == 0, err
    assert [row["ok"] for row in summary["rows"]] == [1, 1]


def test_stored_cells_that_a_method_damages_are_failed_rows_of_this_run(tmp_path: Path) -> None:
    run = MarkedRun(tmp_path)
    methods = "kaplan_meier,hostile:DamagesStoredCells"
    code, summary, err = run.run("run", "--method", methods, *GBSG2)
    assert code == 1
    assert "Traceback" not in err
    rows = {row["method"]: row for row in summary["rows"]}
    assert "differs from what was written" in rows["kaplan_meier"]["problem"]
