"""The TCGA adapter lets no column and no sentence through that tells the outcome."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.datasets.tcga.adapter import load
from benchmarks.datasets.tcga.survival import LEAKING

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.types import Cohort

ROOT = os.environ.get("BENCHMARKS_DATA")

pytestmark = pytest.mark.skipif(
    not ROOT or not (Path(ROOT) / "tcga").is_dir(), reason="set BENCHMARKS_DATA to the folder of the TCGA tables"
)

COHORT = "MESO"

PLANTED = [
    "The patient died of disease 14 months after surgery.",
    "Vital status: deceased.",
    "Date of death: 2010-03-04.",
    "She passed away at home.",
    "He expired in the hospital due to sepsis.",
    "At autopsy the tumor filled the chest.",
    "The patient is alive and well.",
    "The patient is currently alive.",
    "Alive with disease at 20 months.",
    "Date of last contact: 2012-01-01.",
    "At last follow-up she was well.",
    "The patient was lost to follow-up.",
    "Follow-up: 36 months.",
    "He survived 9 months.",
    "Overall survival: 300 days.",
    "The tumor recurred 8 months after resection.",
    "She subsequently developed distant metastases.",
    "Six months later a recurrence was found.",
    "The patient remains disease-free for 3 years.",
    "NED at 4 years.",
    "Days to progression: 120.",
    "New tumor event: distant.",
    "The patient was transferred to hospice.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the clinical table and the reports, so that they can be tampered with."""
    (tmp_path / "tcga").mkdir()
    for name in ("cdr", "reports"):
        shutil.copyfile(Path(str(ROOT)) / "tcga" / f"{name}.csv.gz", tmp_path / "tcga" / f"{name}.csv.gz")
    return tmp_path


def _load(folder: Path) -> Cohort:
    return load(folder, COHORT, "OS", "z", "gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06", "keep")


@pytest.mark.parametrize("column", LEAKING)
def test_a_copy_of_the_outcome_in_a_leaking_column_changes_nothing(folder: Path, column: str) -> None:
    path = folder / "tcga" / "cdr.csv.gz"
    before = _load(folder)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame[column] = frame["OS"] + " " + frame["OS.time"]
    frame.to_csv(path, index=False, compression={"method": "gzip", "compresslevel": 1})
    after = _load(folder)
    assert after.patients.table().frame.equals(before.patients.table().frame)
    assert sha256_of_cohort(after) == sha256_of_cohort(before)


def test_other_endpoints_are_not_among_the_covariates(folder: Path) -> None:
    names = set(_load(folder).patients.table().frame)
    assert names <= {"age", "sex", "stage", "grade", "histology", "margin", "residual_tumor", "menopause", "cancer"}


def test_sentences_that_reveal_the_outcome_never_reach_text_or_sentence_vectors(folder: Path) -> None:
    path = folder / "tcga" / "reports.csv.gz"
    before = _load(folder)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    ours = frame["cancer"] == COHORT
    # A sentence each in turn, put at the end of the real reports, whose last sentence ends where it ends.
    told = [f" \n\n{PLANTED[row % len(PLANTED)]}" for row in range(len(frame))]
    frame["text"] = frame["text"].str.rstrip().where(~ours, frame["text"].str.rstrip() + pd.Series(told))
    assert ours.sum() > len(PLANTED)
    frame.to_csv(path, index=False, compression={"method": "gzip", "compresslevel": 1})
    after = _load(folder)
    assert [text.split() for text in after.patients.texts().texts] == [
        text.split() for text in before.patients.texts().texts
    ]
    assert after.patients.texts().present.tolist() == before.patients.texts().present.tolist()
