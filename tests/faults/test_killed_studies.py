"""A study that is killed goes on with the trials it has made, and nothing tells it from one that was not."""

import random
from pathlib import Path

from benchmarks.tuning.trials import TRIALS

TRIALS_OF_A_CELL = 30
RUN = ("run", "--method", "cox_ph", "--dataset", "whas500", "--fold", "0", "--tune", str(TRIALS_OF_A_CELL))


def trials(folder: Path) -> bytes:
    (path,) = folder.rglob(TRIALS)
    return path.read_bytes()


def scores(folder: Path) -> bytes:
    return (folder / "scores.parquet").read_bytes()


def test_kill_9_at_random_moments_changes_no_byte(marked_run, patiently, tmp_path_factory) -> None:
    code, _, _ = marked_run.run(*RUN)
    assert code == 0
    whole = marked_run.results.rename(tmp_path_factory.mktemp("whole") / "results")
    moments = random.Random(1)
    kept = 0
    for _ in range(5):
        runner = marked_run.start(*RUN)
        target = kept + moments.randint(1, 4)
        assert patiently(lambda target=target: made(marked_run.results) >= target, 120) == []
        runner.kill()
        runner.communicate()
        assert marked_run.wait_until_nothing_is_left() == []
        assert made(marked_run.results) >= kept, "trials were lost"
        kept = made(marked_run.results)
    assert 0 < kept < TRIALS_OF_A_CELL

    code, _, _ = marked_run.run(*RUN)

    assert code == 0
    assert trials(marked_run.results / "cells") == trials(whole / "cells")
    assert scores(marked_run.results) == scores(whole)
    assert not list((marked_run.results / "studies").iterdir())


def made(results: Path) -> int:
    return max((path.read_bytes().count(b"\n") for path in results.rglob(TRIALS)), default=0)
