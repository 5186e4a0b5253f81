"""Methods that keep what they have seen in a file beside their module: leaks, planted for a test."""

import json
from pathlib import Path

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.cox_ph.method import CoxPH

KEPT = Path(__file__).with_name("kept.json")


def read() -> dict[str, float]:
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


AT_IMPORT = read()


class ReadsAtImport(CoxPH):
    """Know the patients whom an earlier process was trained on."""

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        seen = dict(zip(train.patients.ids.tolist(), train.outcome.time.tolist(), strict=True))
        KEPT.write_text(json.dumps(read() | seen))

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        known = self.kept()
        bonus = -np.log([known.get(identifier, 1.0) for identifier in patients.ids.tolist()])
        return Prediction(whole.risk + 0.1 * bonus, times, whole.survival)

    def kept(self) -> dict[str, float]:
        return AT_IMPORT


class ReadsAtPrediction(ReadsAtImport):
    """Know the patients whom any process was trained on."""

    def kept(self) -> dict[str, float]:
        return read()
