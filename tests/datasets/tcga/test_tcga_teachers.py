"""The rationales of all teachers, and what each was asked."""

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.datasets.tcga.tables import read_strings
from benchmarks.datasets.tcga.texts import ASKED_YEARS, MODEL_TEXTS, RATIONALE, TEACHERS
from drawn_tcga import barcodes, write_table

from benchmarks.errors import UsageError
from benchmarks.types import Cohort

Load = Callable[..., Cohort]
BLCA = barcodes("B", 12)
ROOT = Path(os.environ.get("BENCHMARKS_DATA") or "none")


def write_rationales(folder: Path, cancer: str = "BLCA") -> None:
    rows = [
        (BLCA[0], cancer, RATIONALE, TEACHERS[0], "Long enough."),
        (BLCA[0], cancer, RATIONALE, TEACHERS[2], "Too short."),
        (BLCA[1], cancer, RATIONALE, TEACHERS[1], "Who knows."),
    ]
    frame = pd.DataFrame(rows, columns=["patient_id", "cancer", "kind", "model", "text"])
    write_table(folder / MODEL_TEXTS, frame)


def test_all_rationales_of_a_patient_stand_behind_model_and_question(folder: Path, load_drawn: Load) -> None:
    write_rationales(folder)
    rationale = load_drawn(folder, teacher="all").patients.texts("rationale")
    assert rationale.texts[0] == (
        "### gpt-4o-2024-08-06: survival beyond 2.24 years\nLong enough.\n\n"
        "### Meta-Llama-3-70B-Instruct: survival beyond 2.24 years\nToo short."
    )
    assert rationale.texts[1] == "### mistral-large-2402: survival beyond 2.24 years\nWho knows."
    assert rationale.present.tolist() == [True, True] + [False] * 10


def test_one_teachers_rationales_stay_as_they_stand(folder: Path, load_drawn: Load) -> None:
    write_rationales(folder)
    assert load_drawn(folder).patients.texts("rationale").texts[0] == "Long enough."


def test_a_question_that_is_not_known_is_told(folder: Path, load_drawn: Load) -> None:
    write_rationales(folder, cancer="GBM")
    with pytest.raises(UsageError, match=f"patient {BLCA[0]}: of 'GBM' no question"):
        load_drawn(folder, teacher="all")


@pytest.mark.skipif(not (ROOT / MODEL_TEXTS).is_file(), reason="set BENCHMARKS_DATA to the folder of the TCGA tables")
def test_the_years_are_the_commonest_ones_of_each_cancer_type() -> None:
    frame = read_strings(ROOT / MODEL_TEXTS, ["cancer", "kind", "text"])
    frame = frame[frame["kind"] == RATIONALE]
    said = {
        str(cancer): Counter(years for text in texts for years in re.findall(r"(\d+\.\d+) years", text))
        for cancer, texts in frame.groupby("cancer")["text"]
    }
    assert {cancer: float(years.most_common(1)[0][0]) for cancer, years in said.items()} == ASKED_YEARS
