"""A drawn folder in the layout of the TCGA data: no line of it is a patient's."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.datasets.tcga.adapter import load
from benchmarks.datasets.tcga.survival import LEAKING

from benchmarks.types import Cohort

# Drawn barcodes: letters that the source does not use for its tissue sites.
BLCA = [f"TCGA-ZZ-B{row:03d}" for row in range(12)]
GBM = [f"TCGA-ZZ-G{row:03d}" for row in range(5)]
LGG = [f"TCGA-ZZ-L{row:03d}" for row in range(6)]
EVERYONE = [*BLCA, *GBM, *LGG]


def _clinical() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = len(EVERYONE)
    frame = pd.DataFrame({"patient_id": EVERYONE, "cancer": ["BLCA"] * 12 + ["GBM"] * 5 + ["LGG"] * 6})
    frame["age_at_initial_pathologic_diagnosis"] = rng.integers(40, 80, n).astype(str)
    frame["gender"] = rng.choice(["MALE", "FEMALE"], n)
    frame["ajcc_pathologic_tumor_stage"] = [["Stage II", "Stage III", "[Not Available]"][row % 3] for row in range(n)]
    frame["clinical_stage"] = "[Not Applicable]"
    frame["histological_type"] = [["one kind", "another kind"][row % 2] for row in range(n)]
    frame["histological_grade"] = [*["High Grade", "Low Grade"] * 6, *["[Not Available]"] * 5, *["G2", "G3"] * 3]
    frame["menopause_status"] = "[Not Available]"
    frame["margin_status"] = ""
    frame["residual_tumor"] = ""
    for column in LEAKING:
        frame[column] = ""
    for endpoint in ("OS", "DSS", "DFI", "PFI"):
        frame[endpoint] = [str(row % 2) for row in range(n)]
        frame[f"{endpoint}.time"] = rng.integers(30, 3000, n).astype(str)
    frame["Redaction"] = ""
    return frame


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)


def _expression(ids: list[str], genes: list[str], seed: int = 1) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(len(ids), len(genes)))
    return pd.concat([pd.Series(ids, name="patient_id"), pd.DataFrame(values, columns=genes)], axis=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write twelve bladder cancers and eleven gliomas in the layout of the shared data."""
    tables: Mapping[str, pd.DataFrame] = {
        "cdr": _clinical(),
        "reports": pd.DataFrame(
            {"patient_id": EVERYONE[:-2], "text": [f"Tumor number {i}, grade 3.\nFree margins." for i in range(21)]}
        ),
        "rna_z_blca": _expression(BLCA[:10], ["AAA", "BBB", "CCC"]),
        "rna_z_gbmlgg": _expression([*GBM[:4], *LGG], ["BBB", "CCC", "DDD"], seed=2),
        "rna_log2tpm_blca": _expression(BLCA[:3], ["XXX"]),
        "cnv_mut_blca": _expression(BLCA[:4], ["AAA_cnv", "AAA_mut"]).round(),
        "llm_text": pd.DataFrame(
            [
                (BLCA[0], "report_summary", "gpt-4o-mini-2024-07-18", "A short one."),
                (BLCA[1], "report_summary", "Llama-3.1-8B-Instruct", "Another hand."),
                (BLCA[1], "report_summary_human_corrected", "Llama-3.1-8B-Instruct", "A corrected hand."),
                (BLCA[2], "prognosis_rationale", "gpt-4o-2024-08-06", "Likely to survive."),
            ],
            columns=["patient_id", "kind", "model", "text"],
        ),
        "splits_5fold": pd.DataFrame(
            [
                ("blca", fold, part, BLCA[i])
                for i in range(10)
                for fold in range(5)
                for part in [("train", "val")[i % 5 == fold]]
            ],
            columns=["cohort", "fold", "set", "patient_id"],
        ),
    }
    for name, frame in tables.items():
        _write(tmp_path / "tcga" / f"{name}.csv.gz", frame)
    _write(tmp_path / "tcga_wsi_hif" / "hif_blca.csv.gz", _expression(BLCA[5:], ["AREA_HE", "COUNT_HE"]))
    return tmp_path


@pytest.fixture
def write() -> Callable[[Path, pd.DataFrame], None]:
    """Return what writes a table."""
    return _write


@pytest.fixture
def expression() -> Callable[..., pd.DataFrame]:
    """Return what draws an expression table of patients and genes."""
    return _expression


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
        }
        return load(root, cohort, **{**defaults, **options})

    return _load


@pytest.fixture
def change() -> Callable[..., Path]:
    """Return what edits a table of a folder."""

    def _change(folder: Path, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
        path = folder / "tcga" / f"{name}.csv.gz"
        edit(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
        return path

    return _change
