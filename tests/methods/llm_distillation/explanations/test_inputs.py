"""An explanation is judged by what its writer was shown."""

import numpy as np
import pandas as pd

from benchmarks.types import Patients, Table, Texts
from methods.llm_distillation.explanations import shown_to

PATIENTS = Patients(
    np.array(["a", "b", "c"]),
    {
        "clinical": Table(pd.DataFrame({"age": [61.0, np.nan, 70.0], "stage": [10 / 3, 2.0, 1.0]})),
        "text": Texts(("A small tumor.", "hidden", ""), np.array([True, False, False])),
        "facts": Table(
            pd.DataFrame({"size": [np.log(2.5), np.nan, np.nan], "differentiation": [np.nan, 2.5, np.nan], "pt": 1.0})
        ),
        "rationale": Texts(("It will end badly.",) * 3),
    },
)


def test_covariates_report_and_facts_are_evidence() -> None:
    assert shown_to(PATIENTS) == [
        ("age 61, stage IIIB", "A small tumor.", "tumor size 2.50 cm"),
        ("stage II", "moderately to poorly differentiated"),
        ("age 70, stage I",),
    ]


def test_what_the_writer_did_not_read_is_none() -> None:
    assert shown_to(PATIENTS.only("text")) == [("A small tumor.",), (), ()]
    assert shown_to(PATIENTS.only("rationale")) == [(), (), ()]
