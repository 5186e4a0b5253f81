"""The survival of the training patients who are most alike."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, IntArray, Patients, Prediction, Trial
from metrics import kaplan_meier


@dataclass(frozen=True, slots=True)
class Config:
    """How many neighbours are looked at."""

    neighbours: int = 50


class Neighbours:
    """Kaplan-Meier curve of the nearest training patients, by clinical covariates and, where known, expression."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Keep the training patients; the validation part, for early stopping and selection, is not used."""
        table = train.patients.table("clinical").blanked()
        self._numeric = table.numeric
        self._levels = {name: list(table.frame[name].cat.categories) for name in table.categorical}
        # Everything is learnt of the training patients: mean, spread, levels. A constant column counts nothing.
        known = np.ma.masked_invalid(self._columns(train.patients))
        constant = (known.max(axis=0) == known.min(axis=0)).filled(True)
        self._mean = known.mean(axis=0).filled(0.0)
        self._spread = np.where(constant, np.inf, known.std(axis=0).filled(0.0))
        self._vectors = self._scaled(train.patients)
        self._outcome = train.outcome
        self._all_times = np.unique(train.outcome.time)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the neighbours' curves at the times, and as risk minus the time that they live on average."""
        rows = [self._nearest(vector) for vector in self._scaled(patients)]
        risk = Prediction.from_curves(self._all_times, self._curves(rows, self._all_times)).risk
        return Prediction(risk, times, self._curves(rows, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the number of neighbours."""
        return replace(config, neighbours=trial.suggest_int("neighbours", 10, 200, log=True))

    def _columns(self, patients: Patients) -> FloatArray:
        """Return a row per patient; NaN where a value, or the whole modality, is missing."""
        table = patients.table("clinical").blanked()
        columns = [table.frame[name].to_numpy() for name in self._numeric]
        for name, levels in self._levels.items():
            words = table.frame[name].astype(object)
            columns += [np.where(words.isna(), np.nan, words == level) for level in levels]
        if "rna" in patients.modalities:
            rna = patients.matrix("rna")
            columns += [*np.where(rna.present[:, None], rna.values, np.nan).T]
        return np.stack(columns, axis=1).astype(np.float64)

    def _scaled(self, patients: Patients) -> FloatArray:
        """Return standardised columns; what is missing stands at the training patients' mean."""
        scaled: FloatArray = np.nan_to_num((self._columns(patients) - self._mean) / self._spread, nan=0.0)
        return scaled

    def _nearest(self, vector: FloatArray) -> IntArray:
        distance = ((self._vectors - vector) ** 2).sum(axis=1)
        return np.argsort(distance, kind="stable")[: self.config.neighbours]

    def _curves(self, rows: list[IntArray], times: FloatArray) -> FloatArray:
        time, event = self._outcome.time, self._outcome.event
        return np.stack([kaplan_meier(time[near], event[near]).at(times) for near in rows])
