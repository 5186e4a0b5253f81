"""``data init`` on the tables that lifelines and scikit-survival carry, and on tables of the shape of R's survival."""

import importlib.resources
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sksurv.io import loadarff

from benchmarks.commandline.app import main

Capture = pytest.CaptureFixture[str]
ROWS = ["--patient", "(row number)"]


def lifelines(name: str) -> pd.DataFrame:
    with importlib.resources.as_file(importlib.resources.files("lifelines.datasets") / name) as path:
        return pd.read_csv(path, sep="\t" if name.endswith(".tsv") else ",")


def sksurv(name: str) -> pd.DataFrame:
    with importlib.resources.as_file(importlib.resources.files("sksurv.datasets") / "data" / f"{name}.arff") as path:
        return pd.DataFrame(loadarff(str(path)))


def init(folder: Path, capsys: Capture, table: pd.DataFrame, *options: str, index: bool = False) -> str:
    """Return the error, or nothing if a cohort file is written and read."""
    table.to_csv(folder / "t.csv", index=index)
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(folder / "t.csv"), "--yes", *options])
    said = capsys.readouterr()
    assert (ended.value.code == 0) == (not said.err)
    return said.err


def options_in(error: str) -> list[str]:
    return [line.strip().partition(":")[0] for line in error.splitlines()[1:]]


def drafted(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "cohort.toml").read_text())


LIFELINES = [
    ("ACTG175.csv", [], ["--event-values"]),
    ("dd.csv", [], ["--patient", "--time-unit"]),
    ("g3.csv", [], ["--patient", "--time-unit"]),
    ("gbsg2.csv", [], ["--patient", "--event-values"]),
    ("kidney_transplant.csv", [], ["--patient"]),
    ("larynx.csv", [], ["--patient", "--time-unit"]),
    ("lung.csv", [], ["--patient"]),
    ("lymph_node.csv", [], ["--time and --event", "--event-values", "--event-values"]),
    ("lymphoma.csv", [], ["--patient", "--event-values", "--time-unit"]),
    ("merrell1955.csv", [], ["--time", "--time-unit"]),
    ("nh4.csv", [], ["--patient", "--event-values", "--time-unit"]),
    ("psychiatric_patients.csv", [], ["--patient", "--event", "--event-values", "--time-unit"]),
    ("regression.csv", [], ["--patient", "--time-unit"]),
    ("rossi.csv", [], ["--patient", "--time-unit"]),
    ("static_test.csv", [], ["--exclude-without-outcome", "--time-unit"]),
    ("waltons_dataset.csv", [], ["--patient", "--time-unit"]),
]


@pytest.mark.parametrize(("name", "options", "asked"), LIFELINES, ids=[name for name, *_ in LIFELINES])
def test_what_is_asked_of_the_tables_of_lifelines(
    tmp_path: Path, capsys: Capture, name: str, options: list[str], asked: list[str]
) -> None:
    assert options_in(init(tmp_path, capsys, lifelines(name), *options)) == asked


@pytest.mark.parametrize("name", ["stanford_heart.csv", "recur.csv", "panel_test.csv"])
def test_counting_process_tables_of_lifelines_are_refused(tmp_path: Path, capsys: Capture, name: str) -> None:
    assert "repeats: several rows per patient" in init(tmp_path, capsys, lifelines(name))


SKSURV = [
    ("GBSG2", ["--patient", "--event-values"]),
    ("actg320", ["--patient", "--time and --event", "--event-values", "--event-values", "--time-unit"]),
    ("bmt", ["--patient", "--event-values and --censored-values", "--exclude-without-outcome", "--time-unit"]),
    ("breast_cancer_GSE7390-metastasis", ["--patient"]),
    ("cgvhd", ["--time and --event", "--event-values", "--time-unit"]),
    ("flchain", ["--patient", "--exclude-without-outcome"]),
    ("veteran", ["--patient"]),
    ("whas500", ["--patient"]),
]


@pytest.mark.parametrize(("name", "asked"), SKSURV, ids=[name for name, _ in SKSURV])
def test_what_is_asked_of_the_tables_of_scikit_survival(
    tmp_path: Path, capsys: Capture, name: str, asked: list[str]
) -> None:
    assert options_in(init(tmp_path, capsys, sksurv(name))) == asked


DRAFTED = [
    (sksurv, "flchain", ["--exclude-without-outcome"], "futime", "death", ["dead"], "days", ["chapter"]),
    (sksurv, "veteran", [], "Survival_in_days", "Status", ["dead"], "days", []),
    (sksurv, "whas500", [], "lenfol", "fstat", ["1"], "days", []),
    (lifelines, "kidney_transplant.csv", [], "time", "death", ["1"], "days", []),
    (lifelines, "rossi.csv", ["--time-unit", "days"], "week", "arrest", ["1"], "days", []),
    (lifelines, "gbsg2.csv", ["--event-values", "1"], "time", "cens", ["1"], "days", []),
]


@pytest.mark.parametrize(
    ("source", "name", "options", "time", "event", "values", "unit", "left"), DRAFTED, ids=[d[1] for d in DRAFTED]
)
def test_public_tables_are_drafted_as_they_are_analysed(
    tmp_path: Path, capsys: Capture, source: Any, name: str, options: list[str], time: str, event: str,
    values: list[str], unit: str, left: list[str],
) -> None:  # fmt: skip
    assert init(tmp_path, capsys, source(name), *ROWS, *options) == ""
    draft = drafted(tmp_path)
    assert (draft["table"]["time"], draft["table"]["event"], draft["time_unit"]) == (time, event, unit)
    assert draft["table"]["event_values"] == values
    assert draft["clinical"]["leave_out"] == left


def shape(rows: int, **columns: Any) -> pd.DataFrame:
    """Draw covariates beside the columns of an outcome; the index counts rows from 1, as R writes it."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({**columns, "age": rng.normal(60, 9, rows).round(), "sex": rng.choice(["f", "m"], rows)})
    frame.index = pd.RangeIndex(1, rows + 1, name="rownames")
    return frame


def follow_up(rows: int, longest: float) -> "np.ndarray[Any, Any]":
    return np.random.default_rng(12).integers(1, int(longest), rows)


def test_shapes_of_the_tables_of_r_are_asked_for_what_they_do_not_tell(tmp_path: Path, capsys: Capture) -> None:
    n, coin = 80, np.resize([0, 1, 1], 80)
    pbc = shape(n, id=range(1, n + 1), time=follow_up(n, 4800), status=np.resize([0, 1, 2], n))
    assert options_in(init(tmp_path, capsys, pbc, index=True)) == ["--event-values and --censored-values"]
    lung = shape(n, inst=np.resize(range(1, 20), n), time=follow_up(n, 1022), status=coin + 1)
    lung.loc[1, "time"] = 1022
    assert options_in(init(tmp_path, capsys, lung, index=True)) == ["--patient", "--event-values"]
    mgus2 = shape(n, id=range(1, n + 1), ptime=follow_up(n, 424), pstat=coin, futime=follow_up(n, 424), death=1 - coin)
    assert options_in(init(tmp_path, capsys, mgus2, index=True)) == ["--time and --event", "--time-unit"]


@pytest.mark.parametrize("second", ["etype", "enum", "eye"])
def test_shapes_with_two_rows_per_patient_are_refused(tmp_path: Path, capsys: Capture, second: str) -> None:
    n = 80
    twice = {"id": np.repeat(np.arange(n // 2), 2), second: np.resize([1, 2], n)}
    error = init(
        tmp_path, capsys, shape(n, **twice, time=follow_up(n, 3000), status=np.resize([0, 1, 1], n)), index=True
    )
    assert (
        f"'id' repeats: several rows per patient (40 patients in 80 rows); within a patient '{second}', 'time'" in error
    )


def test_the_shape_of_nwtco_needs_no_answer(tmp_path: Path, capsys: Capture) -> None:
    n = 80
    table = shape(n, seqno=range(1, n + 1), rel=np.resize([0, 0, 1], n), edrel=follow_up(n, 6200) + 900)
    assert init(tmp_path, capsys, table, index=True) == ""
    draft = drafted(tmp_path)
    assert (draft["table"]["patient"], draft["table"]["time"], draft["table"]["event"]) == ("seqno", "edrel", "rel")
    assert draft["clinical"]["leave_out"] == ["rownames"]
