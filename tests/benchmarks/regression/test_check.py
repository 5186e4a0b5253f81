"""A change of scores beyond chance, or of cost beyond noise, is found and named; an unchanged tree passes."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.execution.environment import Machine
from benchmarks.execution.plan import Request, make_plan
from benchmarks.regression.comparison import compare_cost, compare_scores
from benchmarks.regression.grid import YARDSTICK, plan_grid, read_grid
from benchmarks.regression.measurement import Measured, quickest
from benchmarks.regression.reference import Acceptance, Cost, Reference, ReferenceScore, read_references
from benchmarks.types import Cell

HERE = Machine("Linux x86_64", "a processor", "its instructions", 2)
ELSEWHERE = Machine("Darwin arm64", "another", "others", 8)


@pytest.fixture(scope="module")
def cell() -> Cell:
    return make_plan(Request(methods="kaplan_meier", datasets="whas500")).cells[0].cell


def reference(cell: Cell, *, seed_sd: float = 0.0, ratio: float = 2.0) -> Reference:
    return Reference(
        method="kaplan_meier",
        dataset="whas500",
        accepted=Acceptance("2026-01-01", "first"),
        machine=HERE,
        libraries=dict(cell.libraries),
        data_sha256=cell.data_sha256,
        protocol="p",
        config={},
        folds=(0,),
        fit_seeds=5,
        scores={
            "harrell_c": ReferenceScore((0.7,), 0.7, seed_sd),
            "expected: ibs": ReferenceScore((0.2,), 0.2, seed_sd),
        },
        cost=Cost(ratio, 1.0, ratio),
    )


def measured(cell: Cell, c: float | None = 0.7, ibs: float | None = 0.2, ratio: float = 2.0) -> Measured:
    scores = {"harrell_c": (c,), "expected: ibs": (ibs,)}
    return Measured(
        method="kaplan_meier",
        dataset="whas500",
        cells=(cell,),
        problem="",
        protocol="p",
        scores=scores,
        fit_seconds=(ratio,),
        yardstick_seconds=1.0,
    )


def test_equal_scores_are_no_finding(cell: Cell) -> None:
    assert compare_scores(reference(cell), measured(cell), HERE) == []


def test_a_worse_score_names_method_dataset_and_measure(cell: Cell) -> None:
    (finding,) = compare_scores(reference(cell), measured(cell, c=0.69), HERE)
    assert (finding.dataset, finding.method, finding.measure) == ("whas500", "kaplan_meier", "C")
    assert finding.text == "0.700000 -> 0.690000 (-0.01, allowed ±1e-08): worse"


def test_a_better_score_is_found_too_as_a_leak_would_be(cell: Cell) -> None:
    (finding,) = compare_scores(reference(cell), measured(cell, ibs=0.19), HERE)
    assert finding.measure == "IBS (expected)"
    assert "better, by more than chance" in finding.text


def test_chance_may_move_a_score_by_five_sd_over_seeds(cell: Cell) -> None:
    known = reference(cell, seed_sd=0.01)
    assert compare_scores(known, measured(cell, c=0.651), HERE) == []
    assert len(compare_scores(known, measured(cell, c=0.649), HERE)) == 1


def test_on_another_machine_rounding_may_move_a_score_further(cell: Cell) -> None:
    assert compare_scores(reference(cell), measured(cell, c=0.696), ELSEWHERE) == []
    assert len(compare_scores(reference(cell), measured(cell, c=0.694), ELSEWHERE)) == 1


def test_a_measure_that_became_undefined_is_found(cell: Cell) -> None:
    (finding,) = compare_scores(reference(cell), measured(cell, c=None), HERE)
    assert finding.text == "0.700000 -> undefined"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"data_sha256": "x"}, "the data are not the reference's"),
        ({"protocol": "x"}, "the protocol are not the reference's: x -> p"),
        ({"folds": (0, 1)}, "the folds are not"),
        ({"config": {"penalty": 1}}, "the settings are not the reference's: penalty 1 -> None"),
    ],
)
def test_what_cannot_be_compared_is_a_finding(cell: Cell, other: dict, said: str) -> None:
    (finding,) = compare_scores(replace(reference(cell), **other), measured(cell), HERE)
    assert said in finding.text


def test_a_fit_twice_as_long_is_slower_and_one_half_as_long_is_not(cell: Cell) -> None:
    assert compare_cost(reference(cell), measured(cell, ratio=3.3), HERE) == []
    (finding,) = compare_cost(reference(cell), measured(cell, ratio=4.0), HERE)
    assert finding.measure == "fit time"
    assert "2.00 -> 4.00 yardsticks (2.0 times, allowed 1.7): slower" in finding.text


def test_milliseconds_are_not_judged(cell: Cell) -> None:
    assert compare_cost(reference(cell, ratio=0.01), measured(cell, ratio=0.03), HERE) == []


def folder_with_grid(folder: Path, methods: str, settings: str = "[]") -> Path:
    folder.mkdir()
    lines = ["[[run]]", f'methods = "{methods}"', 'datasets = "whas500"', "take = [0]", f"settings = {settings}"]
    (folder / "grid.toml").write_text("\n".join(lines))
    return folder


def test_yardsticks_stand_before_every_fold(tmp_path: Path) -> None:
    plan = plan_grid(read_grid(folder_with_grid(tmp_path / "reference", "cox_ph,kaplan_meier")))
    assert [planned.cell.method for planned in plan.cells] == [*[YARDSTICK] * 3, "cox_ph", "kaplan_meier"]


def test_of_several_runs_the_quickest_counts_fold_by_fold(cell: Cell) -> None:
    one = replace(measured(cell), fit_seconds=(1.0, 4.0), yardstick_seconds=0.5)
    other = replace(measured(cell), fit_seconds=(2.0, 3.0), yardstick_seconds=0.4)
    assert quickest(one, other).cost == Cost(2.0, 0.4, 5.0)


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["check", *arguments])
    told = capsys.readouterr()
    return exit_.value.code, told.out, told.err


def test_what_is_accepted_passes_and_what_differs_fails(tmp_path: Path, capsys) -> None:
    folder = folder_with_grid(tmp_path / "reference", "kaplan_meier")
    against = ("--against", str(folder))
    code, out, _ = command(capsys, *against)
    assert code == 1
    assert "there is no reference; make one with --accept" in out
    assert command(capsys, *against, "--accept", "--reason", "first")[0] == 0
    (known,) = read_references(folder).values()
    assert (known.accepted.reason, known.fit_seeds) == ("first", 2)
    assert known.scores["harrell_c"].seed_sd == 0
    assert command(capsys, *against)[0] == 0

    path = folder / "grid" / "whas500" / "kaplan_meier.json"
    values = json.loads(path.read_text())
    values["scores"]["ibs"]["mean"] -= 0.01
    path.write_text(json.dumps(values))
    code, out, _ = command(capsys, *against)
    assert code == 1
    assert "whas500  kaplan_meier  IBS" in out
    assert "1 regression" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--accept"], "say with --reason why"),
        (["--reason", "x"], "it goes with --accept"),
        (["--jobs", "0"], "at least 1 is needed"),
        (["--against", "nowhere"], "nowhere holds no grid.toml"),
    ],
)
def test_bad_usage_is_told_in_a_line(capsys, arguments: list[str], said: str) -> None:
    code, _, err = command(capsys, *arguments)
    assert code == 2
    assert said in err


def test_a_method_outside_the_grid_and_a_bad_grid_are_refused(tmp_path: Path, capsys) -> None:
    folder = folder_with_grid(tmp_path / "reference", "kaplan_meier")
    assert (
        "cox_ph is not in the grid; it has: kaplan_meier"
        in command(capsys, "--against", str(folder), "--method", "cox_ph")[2]
    )
    (folder / "grid.toml").write_text('[[run]]\nmethods = "cox_ph"\ndatasets = "whas500"\ntake = []\n')
    assert "run 0.take" in command(capsys, "--against", str(folder))[2]


# What follows plants a regression in a copy of the tree and runs the check there as a user does.


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    for name in ("benchmarks", "datasets", "leaderboards", "methods", "metrics"):
        shutil.copytree(root / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "reference"))
    return tree


def plant(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file} has changed: plant the regression anew"
    path.write_text(text.replace(old, new))


def check(tree: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "check", "--against", str(folder), *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=280,
    )


def accepted(tree: Path, folder: Path) -> Path:
    done = check(tree, folder, "--accept", "--reason", "before the plant")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_scaler_fitted_on_all_rows_is_found(copy: Path, tmp_path: Path) -> None:
    folder = accepted(copy, folder_with_grid(tmp_path / "reference", "cox_ph"))
    plant(
        copy,
        "benchmarks/execution/fold.py",
        "    method.fit(",
        "    method.everybody = cohort.patients\n    method.fit(",
    )
    plant(
        copy,
        "methods/cox_ph/method.py",
        ".fit(modality)",
        ".fit(self.everybody.modalities[self.config.modality])",
    )
    done = check(copy, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "whas500  cox_ph  IBS" in done.stdout


@pytest.mark.long
def test_a_flipped_sign_of_a_loss_is_found(copy: Path, tmp_path: Path) -> None:
    folder = accepted(copy, folder_with_grid(tmp_path / "reference", "deepsurv"))
    assert check(copy, folder).returncode == 0
    plant(copy, "methods/deepsurv/method.py", "= cox_ph_loss(outputs", "= -cox_ph_loss(outputs")
    done = check(copy, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "whas500  deepsurv  C " in done.stdout


@pytest.mark.long
def test_a_fit_made_twice_as_long_is_found(copy: Path, tmp_path: Path) -> None:
    folder = accepted(copy, folder_with_grid(tmp_path / "reference", "random_survival_forest"))
    assert check(copy, folder).returncode == 0
    plant(
        copy,
        "benchmarks/execution/fold.py",
        "    method.fit(train, validation, context)\n",
        "    method.fit(train, validation, context)\n"
        '    if type(method).__name__ != "Yardstick":\n'
        "        method.fit(train, validation, context)\n",
    )
    done = check(copy, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "whas500  random_survival_forest  fit time" in done.stdout


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_an_unchanged_tree_passes_ten_times_out_of_ten(copy: Path, tmp_path: Path) -> None:
    methods = "cox_ph,random_survival_forest,logistic_hazard"
    folder = accepted(copy, folder_with_grid(tmp_path / "reference", methods))
    assert [check(copy, folder).returncode for _ in range(10)] == [0] * 10
