"""A drawn folder in the layout of the TCGA data, and what loads and changes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import drawn_tcga
import pandas as pd
import pytest
from benchmarks.datasets.tcga.adapter import load

from benchmarks.types import Cohort


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write twelve bladder and eight bowel cancers and eleven gliomas in the layout of the shared data."""
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    return drawn_tcga.write_drawn_tcga(tmp_path)


@pytest.fixture
def write() -> Callable[[Path, pd.DataFrame], None]:
    """Return what writes a table."""
    return drawn_tcga.write_table


@pytest.fixture
def expression() -> Callable[..., pd.DataFrame]:
    """Return what draws an expression table of patients and genes."""
    return drawn_tcga.expression


@pytest.fixture
def load_drawn() -> Callable[..., Cohort]:
    """Return what loads a cohort of a folder with the adapter's defaults."""

    def _load(root: Path, cohort: str = "BLCA", **options: Any) -> Cohort:
        defaults = {
            "endpoint": "OS",
            "expression": "z",
            "refiner": "gpt-4o-mini-2024-07-18",
            "teacher": "gpt-4o-2024-08-06",
            "redacted": "keep",
            "genomic_subtype": False,
            "wsi": "hipt",
        }
        return load(root, cohort, **{**defaults, **options})

    return _load


@pytest.fixture
def change() -> Callable[..., Path]:
    """Return what edits a table of a folder."""
    return drawn_tcga.change_table
