"""Predictions made elsewhere: stored and scored like the suite's own, refused row by row where they are wrong."""

import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.storage.predictions import PREDICTIONS, read_predictions
from benchmarks.storage.store import INFLUENCE, SCORES, Store
from benchmarks.submission.reading import read_submission
from benchmarks.types import MAIN

FOLDS = ("--folds", "3")
ABOUT = ("--made-by", "A. Nurse", "--how", "Cox model in R", "--modalities", "clinical")
Row = dict[str, str]


def done(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    captured = capsys.readouterr()
    assert exit_.value.code == code, captured.err
    return captured.err if code else captured.out


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a results folder with three folds of two methods."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.raises(SystemExit) as exit_:
        main(["run", "--method", "cox_ph,kaplan_meier", "--dataset", "whas500", *FOLDS, "--results", str(folder)])
    assert exit_.value.code == 0
    return folder


@pytest.fixture(scope="module")
def exported(whole: Path) -> list[Row]:
    """Return what Cox predicted in that folder, as the rows of a CSV file."""
    store = Store.open(whole)
    rows = []
    for record in sorted((store.read(key) for key in store), key=lambda record: record.cell.fold):
        if record.cell.method != "cox_ph":
            continue
        for part, of_part in read_predictions(store.folder(record.cell.key)).parts.items():
            found = of_part.predictions[MAIN]
            assert found.survival is not None
            for patient, risk, curve in zip(of_part.ids, found.risk.tolist(), found.survival.tolist(), strict=True):
                at = {f"survival@{t!r}": repr(s) for t, s in zip(found.times.tolist(), curve, strict=True)}
                where = {"patient": str(patient), "fold": str(record.cell.fold), "part": part}
                rows.append({**where, "risk": repr(risk), **at})
    return rows


@pytest.fixture(scope="module")
def tested(exported: list[Row]) -> list[Row]:
    """Return the rows of test patients, with the risk and curves at the last time alone."""
    horizon = list(exported[0])[-1]
    kept = ("patient", "fold", "risk", horizon)
    return [{name: row[name] for name in kept} for row in exported if row["part"] == "test"]


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def submit(path: Path, results: Path, *more: str, name: str = "other") -> list[str]:
    given = ["--dataset", "whas500", *FOLDS, *ABOUT, "--results", str(results)]
    return ["submit", str(path), "--name", name, *given, *more]


def by_fold(folder: Path, method: str) -> dict[int, Path]:
    store = Store.open(folder)
    cells = [record.cell for record in map(store.read, store) if record.cell.method == method]
    return {cell.fold: store.folder(cell.key) for cell in cells}


def test_stored_predictions_of_the_suite_score_identically(whole, exported, tmp_path, capsys) -> None:
    done(capsys, *submit(write_csv(tmp_path / "cox.csv", exported), whole, name="copied"))
    own, copied = by_fold(whole, "cox_ph"), by_fold(whole, "copied@external")
    assert set(own) == set(copied) == {0, 1, 2}
    for fold, folder in own.items():
        for file in (PREDICTIONS, SCORES, INFLUENCE):
            assert (folder / file).read_bytes() == (copied[fold] / file).read_bytes(), f"{file} of fold {fold}"


def test_arrays_give_what_the_table_gives(exported, tmp_path, capsys) -> None:
    results = tmp_path / "results"
    done(capsys, *submit(write_csv(tmp_path / "table.csv", exported), results, name="table"))
    times = [name for name in exported[0] if name.startswith("survival@")]
    np.savez(
        tmp_path / "arrays.npz",
        patient=np.array([row["patient"] for row in exported]),
        fold=np.array([int(row["fold"]) for row in exported]),
        part=np.array([row["part"] for row in exported]),
        risk=np.array([float(row["risk"]) for row in exported]),
        times=np.array([float(name.partition("@")[2]) for name in times]),
        survival=np.array([[float(row[name]) for name in times] for row in exported]),
    )
    done(capsys, *submit(tmp_path / "arrays.npz", results, name="arrays"))
    table, arrays = by_fold(results, "table@external"), by_fold(results, "arrays@external")
    for fold in (0, 1, 2):
        assert (table[fold] / PREDICTIONS).read_bytes() == (arrays[fold] / PREDICTIONS).read_bytes()


def test_rows_take_part_in_boards_comparisons_and_pages(whole, tested, tmp_path, capsys) -> None:
    done(capsys, *submit(write_csv(tmp_path / "p.csv", tested), whole, "--extra-data", "a registry", name="boarded"))
    board = done(capsys, "leaderboard", "--results", str(whole))
    line = next(line for line in board.splitlines() if "| boarded@external |" in line)
    assert "A. Nurse" in line
    assert "a registry" in line
    assert "external: predictions made elsewhere, of which their form alone was checked: " in board
    without = done(capsys, "leaderboard", "--results", str(whole), "--without-extra-data")
    assert "boarded@external" not in without
    compared = json.loads(done(capsys, "compare", "boarded@external", "cox_ph", "--results", str(whole), "--json"))
    c = next(row for row in compared["datasets"]["whas500"] if row["measure"] == "harrell_c")
    assert c["fold_differences"] == [0.0, 0.0, 0.0]
    page = tmp_path / "LEADERBOARD.md"
    done(capsys, "leaderboard", "--results", str(whole), "--publish", str(tmp_path / "ref"), "--output", str(page))
    assert "boarded@external" in page.read_text()
    assert "elsewhere;" not in page.read_text()
    assert "boarded@external" in done(capsys, "status", "--results", str(whole))
    shown = done(capsys, "show", "boarded@external", "whas500", "--results", str(whole))
    assert "how Cox model in R" in shown


def test_only_the_risk_is_enough_and_curves_then_have_no_score(tested, tmp_path, capsys) -> None:
    rows = [{"patient": row["patient"], "fold": row["fold"], "risk": row["risk"]} for row in tested]
    told = json.loads(done(capsys, *submit(write_csv(tmp_path / "risk.csv", rows), tmp_path / "r", "--json")))
    averages = told["rows"][0]["averages"]
    assert averages["harrell_c"]["mean"] > 0.6
    assert averages["ibs"]["problem"] == "not applicable in 3 of 3 folds: the method has no curves"


def test_a_risk_that_is_not_given_is_the_area_above_the_curve(tested, tmp_path, capsys) -> None:
    """With one step at the horizon the area up to it is the horizon itself: nobody can be ranked."""
    horizon = list(tested[0])[-1]
    rows = [{"patient": row["patient"], "fold": row["fold"], "survival@100": row[horizon]} for row in tested]
    rows = [{**row, horizon: row["survival@100"]} for row in rows]
    done(capsys, *submit(write_csv(tmp_path / "curves.csv", rows), tmp_path / "r"))
    end = float(horizon.partition("@")[2])
    for folder in by_fold(tmp_path / "r", "other@external").values():
        found = read_predictions(folder).parts["test"].predictions[MAIN]
        assert found.survival is not None
        expected = -(100 + (end - 100) * found.survival[:, -1])
        # The first time of the grid from 100 on is where the step is seen.
        step = found.times[np.searchsorted(found.times, 100)]
        np.testing.assert_allclose(found.risk, -(step + (end - step) * found.survival[:, -1]))
        assert np.abs(found.risk - expected).max() < 30


def test_a_reversed_risk_is_warned_of(tested, exported, tmp_path, capsys) -> None:
    rows = [{**row, "risk": repr(-float(row["risk"]))} for row in exported if row["part"] == "test"]
    done(capsys, *submit(write_csv(tmp_path / "r.csv", rows), tmp_path / "r"))
    assert "higher risk goes with longer survival" in done(capsys, "status", "--results", str(tmp_path / "r"))


def test_other_predictions_of_the_same_name_need_force(tested, tmp_path, capsys) -> None:
    results = tmp_path / "r"
    done(capsys, *submit(write_csv(tmp_path / "one.csv", tested), results))
    done(capsys, *submit(tmp_path / "one.csv", results))  # the same again is the same
    rows = [{**row, "risk": "0.5"} for row in tested]
    other = write_csv(tmp_path / "two.csv", rows)
    assert "--force puts these in their place" in done(capsys, *submit(other, results), code=2)
    before = by_fold(results, "other@external")
    done(capsys, *submit(other, results, "--force"))
    after = by_fold(results, "other@external")
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())


def test_a_split_is_written_for_those_who_predict_elsewhere(tested, exported, tmp_path, capsys) -> None:
    split, times = tmp_path / "split.csv", tmp_path / "times.csv"
    done(capsys, "data", "splits", "whas500", *FOLDS, "--write", str(split), "--times", str(times))
    rows = list(csv.DictReader(split.read_text().splitlines()))
    assert list(rows[0]) == ["patient", "repeat", "fold", "part"]
    assert len(rows) == 3 * 500
    found = {(row["patient"], row["fold"]) for row in rows if row["part"] == "test"}
    assert found == {(row["patient"], row["fold"]) for row in tested}
    grid = [row["time"] for row in csv.DictReader(times.read_text().splitlines())]
    assert [f"survival@{time}" for time in grid] == [name for name in exported[0] if name.startswith("survival@")]


def test_a_card_is_read_from_toml_or_json(tested, tmp_path, capsys) -> None:
    file = write_csv(tmp_path / "p.csv", tested)
    values = {"made_by": "B. Doctor", "how": "a nomogram", "modalities": ["clinical"], "source": "doi:10.1/x"}
    (tmp_path / "card.json").write_text(json.dumps(values))
    (tmp_path / "card.toml").write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    keys = []
    for suffix in ("json", "toml"):
        given = ["submit", str(file), "--name", "n", "--dataset", "whas500", *FOLDS, "--results", str(tmp_path / "r")]
        told = done(capsys, *given, "--card", str(tmp_path / f"card.{suffix}"), "--json")
        keys.append(json.loads(told)["cells"])
    assert keys[0] == keys[1]


Change = Callable[[list[Row], str], Any]


def _set(position: int, name: str, value: str) -> Change:
    def change(rows: list[Row], horizon: str) -> None:
        rows[position][horizon if name == "curve" else name] = value

    return change


def _two_times(first: str, second: str) -> Change:
    """Put a time before the horizon, with these probabilities in the sixth row."""

    def change(rows: list[Row], horizon: str) -> None:
        for row in rows:
            end = row.pop(horizon)
            row["survival@10"], row[horizon] = "1.0", end
        rows[5]["survival@10"], rows[5][horizon] = first, second

    return change


def _at_zero(rows: list[Row], horizon: str) -> None:
    for row in rows:
        end = row.pop(horizon)
        row["survival@0"], row[horizon] = "1", end
    rows[5]["survival@0"], rows[5][horizon] = "0.9", "0.5"


def _swap(rows: list[Row], horizon: str) -> None:
    other = next(row for row in rows if row["fold"] != rows[5]["fold"])
    rows[5]["fold"] = other["fold"]


def _double(rows: list[Row], horizon: str) -> None:
    rows.append(dict(rows[5]))


def _lose(rows: list[Row], horizon: str) -> None:
    del rows[5]


MALFORMED: dict[str, tuple[Change, str]] = {
    "risk is NaN": (_set(5, "risk", "nan"), "risk is nan, it must be finite"),
    "risk is infinite": (_set(5, "risk", "-inf"), "risk is -inf, it must be finite"),
    "risk overflows": (_set(5, "risk", "1e300"), "sums of it overflow"),
    "risk is a word": (_set(5, "risk", "high"), "risk: 'high' is no number"),
    "risk is missing": (_set(5, "risk", ""), "risk: the value is missing"),
    "risk has a decimal comma": (_set(5, "risk", "0,5"), "risk: '0,5' is no number"),
    "risk has an underscore": (_set(5, "risk", "1_000"), "risk: '1_000' is no number"),
    "probability above one": (_set(5, "curve", "1.2"), "leaves [0, 1]: it is 1.2"),
    "probability below zero": (_set(5, "curve", "-0.1"), "leaves [0, 1]: it is -0.1"),
    "probability is NaN": (_set(5, "curve", "nan"), "the survival curve is nan"),
    "probability is missing": (_set(5, "curve", ""), "the value is missing"),
    "percent": (_set(5, "curve", "85"), "leaves [0, 1]: it is 85"),
    "curve rises": (_two_times("0.4", "0.6"), "rises from 0.4 to 0.6"),
    "curve is not one at zero": (_at_zero, "is 0.9 at time 0, it must be 1"),
    "unknown patient": (_set(5, "patient", "nobody"), "the dataset has no such patient"),
    "empty identifier": (_set(5, "patient", " "), "the patient's identifier is empty"),
    "wrong fold": (_swap, "it is tested in fold"),
    "fold that is not there": (_set(5, "fold", "7"), "repeat 0, fold 7 is none of those asked for"),
    "fold is negative": (_set(5, "fold", "-1"), "fold '-1': expected a whole number from 0 on"),
    "fold is no whole number": (_set(5, "fold", "1.5"), "fold '1.5': expected a whole number"),
    "fold is missing": (_set(5, "fold", ""), "fold '': expected a whole number"),
    "patient stands twice": (_double, "stands twice in the test part of repeat 0, fold"),
    "patient is missing": (_lose, "no row is of patient"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_rows_are_refused_in_one_line_with_row_and_patient(case, tested, tmp_path, capsys) -> None:
    change, message = MALFORMED[case]
    rows = [dict(row) for row in tested]
    patient = rows[5]["patient"]
    change(rows, list(tested[0])[-1])
    error = done(capsys, *submit(write_csv(tmp_path / "p.csv", rows), tmp_path / "r"), code=2)
    assert error.startswith("error: p.csv: ")
    assert error.count("\n") == 1
    assert message in error
    if case == "patient is missing":
        assert f"patient {patient!r}" in error
    else:
        row = len(rows) + 1 if case == "patient stands twice" else 7  # the header is row 1
        who = {"unknown patient": "nobody", "empty identifier": ""}.get(case, patient)
        assert f"p.csv: row {row}, patient {who!r}: " in error
    assert not (tmp_path / "r").exists()


def _short(path: Path) -> None:
    lines = path.read_text().splitlines()
    lines[6] = lines[6].rpartition(",")[0]
    path.write_text("\n".join(lines))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_short, "row 7, patient "),
        (lambda path: path.write_text(path.read_text().replace(",", ";")), "the columns are parted by ';'"),
        (lambda path: path.write_text(path.read_text().replace("risk", "rsik", 1)), "unknown column 'rsik'; did you"),
        (lambda path: path.write_text(path.read_text().replace("risk", "fold", 1)), "column 'fold' stands twice"),
        (lambda path: path.write_text(path.read_text().replace("fold", "repeat", 1)), "'fold' is missing"),
        (lambda path: path.write_text(path.read_text().replace("survival@", "survival@x", 1)), "no time stands behind"),
        (lambda path: path.write_text(path.read_text().replace("survival@2118.0", "survival@69.6")), "in days?"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\xff\xfe"), "no UTF-8"),
        (lambda path: path.write_text(""), "'patient' is missing"),
        (lambda path: path.write_text("patient,fold,risk\n"), "there is no prediction in it"),
    ],
)
def test_files_of_another_form_are_refused(change, message: str, tested, tmp_path, capsys) -> None:
    path = write_csv(tmp_path / "p.csv", tested)
    change(path)
    error = done(capsys, *submit(path, tmp_path / "r"), code=2)
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"risk": np.array([0.5, np.nan])}, "row (from 0) 1, patient 'b'"),
        ({"risk": np.array([[0.5], [1.0]])}, "risk has shape (2, 1), expected (2,)"),
        ({"risk": np.array([None, "x"], dtype=object)}, "no arrays of np.savez"),
        ({"fold": np.array([0.0, 1.0])}, "fold is of type float64, expected whole numbers"),
        ({"patient": np.array([b"a", b"b"])}, "patient is of type |S1"),
        ({"part": np.array(["test", "train"])}, "row (from 0) 1, patient 'b': part 'train': expected test or"),
        ({"times": np.array([1.0])}, "times and survival belong together"),
        ({"times": np.array([2.0, 1.0]), "survival": np.ones((2, 2))}, "the times of the curves must increase"),
        ({"times": np.array([1.0, 2.0]), "survival": np.ones((2, 3))}, "survival has shape (2, 3), expected (2, 2)"),
        ({"surname": np.array([1.0])}, "unknown array 'surname'"),
    ],
)
def test_malformed_arrays_are_refused(arrays, message: str, tmp_path) -> None:
    whole = {"patient": np.array(["a", "b"]), "fold": np.array([0, 0]), "risk": np.array([0.1, 0.2])} | arrays
    np.savez(tmp_path / "p.npz", **whole)
    with pytest.raises(UsageError, match=re.escape(message)):
        read_submission(tmp_path / "p.npz").prediction(np.arange(2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "cox_ph"], "--name cox_ph: a method or group of the suite"),
        (["--name", "a b"], "--name 'a b': expected letters"),
        (["--modalities", "mri"], "modalities: whas500 has no 'mri'; it has clinical"),
        (["--made-by", " "], "made_by is empty"),
        (["--how", "x" * 301], "how must be one line of at most 300"),
        (["--fold", "9"], "--fold 9: the folds of whas500 are 0 to 2"),
        (["--card", "card.toml"], "--card and --made-by: give one of them"),
        (["--dataset", "whas50"], "whas50"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments, message: str, tested, tmp_path, capsys) -> None:
    path = write_csv(tmp_path / "p.csv", tested)
    error = done(capsys, *submit(path, tmp_path / "r", *arguments), code=2)
    assert message in error
    assert not (tmp_path / "r").exists()


def test_who_made_them_must_be_told(tested, tmp_path, capsys) -> None:
    path = write_csv(tmp_path / "p.csv", tested)
    given = ["submit", str(path), "--name", "n", "--dataset", "whas500", "--results", str(tmp_path / "r")]
    assert "Give --card FILE, or --made-by, --how, --modalities" in done(capsys, *given, code=2)
