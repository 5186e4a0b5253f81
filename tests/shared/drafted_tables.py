"""Tables to be drafted, and ``data init`` run on them."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.loading import load_dataset
from benchmarks.commandline.app import main
from benchmarks.types import Cohort

Capture = pytest.CaptureFixture[str]
ROWS = 60


def drawn(rows: int = ROWS, **columns: Any) -> pd.DataFrame:
    """Draw a table without an outcome, and put columns before its covariates; None takes one away."""
    rng = np.random.default_rng(3)
    covariates = {"age": rng.normal(60, 10, rows).round(1), "grade": rng.choice(["low", "high"], rows)}
    every = {"patient_id": [f"P{k:03d}" for k in range(rows)], **columns, **covariates}
    return pd.DataFrame({name: values for name, values in every.items() if values is not None})


def times(rows: int = ROWS, scale: float = 20.0, seed: int = 5) -> "np.ndarray[Any, Any]":
    return (np.random.default_rng(seed).exponential(scale, rows) + 0.1).round(3)


def coin(first: object, second: object, rows: int = ROWS, seed: int = 7) -> "np.ndarray[Any, Any]":
    """Draw one of two values for each row; the second in about six of ten."""
    drawn = np.random.default_rng(seed).random(rows) < 0.6
    return np.array([second if one else first for one in drawn], dtype=object)


class Init:
    """``data init`` on a table in a folder of its own."""

    def __init__(self, folder: Path, capsys: Capture) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, table: pd.DataFrame | str, *options: str, code: int = 0, file: str = "t.csv") -> str:
        """Run on a table that is written first; return what is said, or the error."""
        text = table if isinstance(table, str) else table.to_csv(index=False)
        (self.folder / file).write_bytes(text.encode())
        (self.folder / "cohort.toml").unlink(missing_ok=True)
        with pytest.raises(SystemExit) as ended:
            main(["data", "init", str(self.folder / file), "--yes", *options])
        said = self._capsys.readouterr()
        assert ended.value.code == code, said
        assert not said.err or said.err.startswith("error: ")
        return said.err if code else said.out

    def asks(self, table: pd.DataFrame | str, *options: str) -> str:
        """Return the error; nothing is written."""
        error = self.run(table, *options, code=2)
        assert not (self.folder / "cohort.toml").exists()
        return error

    def draft(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "cohort.toml").read_text())

    def cohort(self) -> Cohort:
        return load_dataset(registry.register_cohort_file(self.folder / "cohort.toml")).cohort
