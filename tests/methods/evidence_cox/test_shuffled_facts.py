"""What facts add is gone when they are shuffled among the patients."""

from dataclasses import replace

import numpy as np
import pandas as pd

import metrics
from benchmarks.contract.cohort import with_modality
from benchmarks.protocol.shuffling import shuffle_modalities
from benchmarks.types import Cohort, Context, Outcome, Patients, Table
from methods.evidence_cox import BlockCox, Config

TIMES = np.linspace(0.0, 300.0, 11)


def drawn(n: int = 600) -> Cohort:
    """Draw patients whose hazard depends on one clinical number and on two facts."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(n, 3))
    time = np.ceil(rng.exponential(100 * np.exp(-values @ [0.5, 0.7, -0.7])))
    tables = {
        "clinical": Table(pd.DataFrame({"age": values[:, 0]})),
        "facts": Table(pd.DataFrame({"size": values[:, 1], "pn": values[:, 2]})),
    }
    patients = Patients(np.arange(n).astype(str), tables)
    return Cohort(patients, Outcome(time, rng.random(n) < 0.7), "days")


def concordance(cohort: Cohort, context: Context) -> float:
    train, test = cohort[np.arange(400)], cohort[np.arange(400, 600)]
    method = BlockCox(Config())
    method.fit(train, train, context)
    risk = method.predict(test.patients, TIMES).risk
    return float(metrics.concordance_index(test.outcome.time, test.outcome.event, risk))


def test_shuffled_facts_are_worth_nothing(context: Context) -> None:
    cohort = drawn()
    with_facts = concordance(cohort, context)
    shuffled = concordance(shuffle_modalities(cohort, ["facts"], seed=0), context)
    without = concordance(replace(cohort, patients=cohort.patients.only("clinical")), context)
    assert with_facts > without + 0.05
    assert abs(shuffled - without) < 0.02


def test_facts_that_nobody_has_been_asked_for_change_nothing(context: Context) -> None:
    cohort = drawn()
    absent = replace(cohort.patients.table("facts"), present=np.arange(600) % 2 == 0)
    garbage = Table(absent.frame.where(pd.Series(absent.present), 1e6), absent.present)
    one = concordance(with_modality(cohort, "facts", absent), context)
    assert concordance(with_modality(cohort, "facts", garbage), context) == one
