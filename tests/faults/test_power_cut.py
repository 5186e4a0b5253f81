"""After a crash of the machine files may be empty, cut, filled with zeros or gone: ``run`` finds it and goes on."""

import json
import random
import shutil
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.storage.score_table import SCORES_FILE
from benchmarks.storage.store import MARKER, Store
from benchmarks.tuning.trials import JOURNAL, SECONDS, TRIALS, TrialLog

PLAIN = ("run", "--method", "kaplan_meier,cox_ph", "--dataset", "whas500", "--folds", "3", "--json")
TUNED = ("run", "--method", "cox_ph", "--dataset", "whas500", "--folds", "3", "--fold", "0", "--tune", "4", "--json")


def done(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    for command in (PLAIN, TUNED):
        assert done(*command, "--results", str(folder)) == 0
    return folder


def lose(path: Path, how: str) -> None:
    """Leave of a file what a file system may leave that had not written its content, or its name, to the disk."""
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        left = {"empty": b"", "cut": content[: len(content) // 2], "zeros": bytes(len(content))}[how]
        path.write_bytes(left)


@pytest.mark.parametrize("moment", range(3))
def test_run_goes_on_and_ends_byte_identical(whole: Path, tmp_path: Path, moment: int) -> None:
    folder = tmp_path / "results"
    shutil.copytree(whole, folder)
    chance = random.Random(moment)
    # Files of whole cells, of half of a study, the marker, the scores: all that one may find.
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if chance.random() < 0.3:
            lose(path, chance.choice(["gone", "empty", "cut", "zeros"]))
    names = sorted(path.name for path in (folder / "cells").iterdir())
    shutil.rmtree(folder / "cells" / chance.choice(names))
    (folder / "cells" / f".new-{names[0]}-999999999").mkdir()
    (folder / "cells" / f".{names[0]}-999999999-00ff").write_bytes(b"")
    for command in (PLAIN, TUNED):
        assert done(*command, "--results", str(folder)) == 0
    store = Store.open(folder)
    assert [store.read(key).status for key in store] == ["ok"] * 7
    assert (folder / SCORES_FILE).read_bytes() == (whole / SCORES_FILE).read_bytes()
    (trials,) = folder.glob(f"cells/*/{TRIALS}")
    assert trials.read_bytes() == (whole / trials.relative_to(folder)).read_bytes()


@pytest.mark.parametrize("how", ["cut", "zeros", "empty"])
@pytest.mark.parametrize("name", [TRIALS, SECONDS, JOURNAL])
def test_a_study_goes_on_from_the_trials_that_are_whole(whole: Path, tmp_path: Path, name: str, how: str) -> None:
    (finished,) = whole.glob(f"cells/*/{TRIALS}")
    shutil.copytree(finished.parent, tmp_path / "study")
    before = finished.read_bytes().splitlines()
    lose(tmp_path / "study" / name, how)
    log = TrialLog(tmp_path / "study")
    kept = [trial.as_line().encode() for trial in log.trials]
    assert kept == before[: len(kept)]
    assert len(kept) == (4 if name == JOURNAL else len(kept))
    assert len(log.seconds) == len(kept) < (5 if name == JOURNAL else 4)


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "zeros"])
def test_a_marker_that_was_not_written_is_written_by_the_next_run(tmp_path: Path, how: str) -> None:
    Store.create(tmp_path)
    content = (tmp_path / MARKER).read_bytes()
    lose(tmp_path / MARKER, how)
    with pytest.raises(UsageError):
        Store.open(tmp_path)
    Store.create(tmp_path)
    assert (tmp_path / MARKER).read_bytes() == content


@pytest.mark.parametrize("content", [b"mine", b"{}", json.dumps({"layout": 1}).encode()])
def test_a_marker_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(UsageError):
        Store.create(tmp_path)
    assert (tmp_path / MARKER).read_bytes() == content
