"""Several runs into one folder at once: no cell is computed twice, no row is lost, and whoever reads finds no half."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.storage.locks import LOCKS, Locks
from benchmarks.storage.score_table import SCORES_FILE, score_table, update_score_file
from benchmarks.storage.store import Store
from benchmarks.types import Cell, Record

RUN = ("run", "--method", "misbehaving:Sleeps", "--dataset", "gbsg2", "--folds", "4", "--jobs", "2")


def scores(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / SCORES_FILE)


def test_two_runs_of_one_plan_compute_each_cell_once_while_others_read(marked_run, patiently) -> None:
    runs = [marked_run.start(*RUN), marked_run.start(*RUN)]
    assert patiently(lambda: (marked_run.results / "results.json").exists(), 60) == []
    readers = 0
    while any(run.poll() is None for run in runs):
        for verb in ("score", "leaderboard"):
            reader = marked_run.start(verb)
            _, err = reader.communicate(timeout=120)
            readers += 1
            assert "Traceback" not in err
            # There is nothing to show before the first cell.
            assert reader.returncode == 0 or "holds no cells yet" in err, err
    for run in runs:
        _, err = run.communicate()
        assert run.returncode == 0, err
        assert "Traceback" not in err
    assert readers >= 2
    seeds = [seed for _, seed in marked_run.diary_lines()]
    assert len(seeds) == len(set(seeds)) == 4
    assert len(set(scores(marked_run.results)["key"])) == 4
    store = Store.open(marked_run.results)
    assert all(store.read(key).status == "ok" for key in store)
    assert list((marked_run.results / "work").iterdir()) == []
    assert list((marked_run.results / LOCKS).iterdir()) == []


def test_what_a_killed_run_had_in_hand_is_computed_by_the_other(marked_run, patiently) -> None:
    first = marked_run.start(*RUN)
    assert patiently(lambda: len(marked_run.diary_lines()) >= 1, 60) == []
    second = marked_run.start(*RUN)
    first.kill()
    first.communicate()
    _, err = second.communicate(timeout=200)
    assert second.returncode == 0, err
    store = Store.open(marked_run.results)
    assert [store.read(key).status for key in store] == ["ok"] * 4


HOLD = """
import sys
from pathlib import Path
from benchmarks.storage.locks import Locks
locks = Locks(Path(sys.argv[1]))
print(locks.take("one"), flush=True)
sys.stdin.read()
"""


def test_a_lock_is_free_when_its_process_is_gone(tmp_path: Path, root: Path) -> None:
    own = Locks(tmp_path / LOCKS)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / LOCKS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    assert not own.take("one")
    own.clear()
    assert (tmp_path / LOCKS / "one").exists()
    holder.kill()
    holder.communicate()
    own.wait_for("one")
    assert not Locks(tmp_path / LOCKS).take("one"), "another object of the same process does not hold it"
    own.give_free("one")
    assert list((tmp_path / LOCKS).iterdir()) == []


@pytest.fixture
def cells(tmp_path: Path) -> list[Cell]:
    from benchmarks.execution.plan import Request, make_plan

    return [planned.cell for planned in make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=3)).cells]


def test_rows_that_came_while_others_were_made_are_kept(tmp_path: Path, cells: list[Cell]) -> None:
    store = Store.create(tmp_path)
    for cell in cells[:2]:
        store.write(Record(cell, "failed", cause="by hand"))
    rows = [(store.read(cell.key), None) for cell in cells[:2]]
    listed = list(store)
    # Another process stores a cell and its row; a cell that was listed is damaged, and one is gone.
    store.write(Record(cells[2], "failed", cause="later"))
    update_score_file(tmp_path, score_table([*rows, (store.read(cells[2].key), None)]))
    update_score_file(tmp_path, score_table(rows[:1]), listed=listed)
    assert set(scores(tmp_path)["key"]) == {cells[0].key, cells[2].key}
