"""Sound methods with a leak planted in each."""

import gc
import sys
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from benchmarks.contract.cohort import contract_cohort
from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.cox_ph.method import CoxPH


class Helped(CoxPH):
    """Add to the risk of every patient of whom something is known that must not be; the base of what follows."""

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        whole = super().predict(patients, times)
        return Prediction(whole.risk + 0.1 * self.known(patients), times, whole.survival)

    def known(self, patients: Patients) -> FloatArray:
        raise NotImplementedError


def told_by(cohorts: Iterator[Cohort], patients: Patients) -> FloatArray:
    """Return minus the logarithm of the time of each patient, by the first cohort that has them all; else 0."""
    wanted = patients.ids.tolist()
    for cohort in cohorts:
        time = dict(zip(cohort.patients.ids.tolist(), cohort.outcome.time.tolist(), strict=True))
        if set(wanted) <= set(time):
            return -np.log([time[identifier] for identifier in wanted])
    return np.zeros(len(wanted))


def cohorts_of_the_callers() -> Iterator[Cohort]:
    frame = sys._getframe()
    while frame is not None:
        yield from (value for value in frame.f_locals.values() if isinstance(value, Cohort))
        frame = frame.f_back


class SearchesItsCallers(Helped):
    """Find the whole cohort among the variables of the functions that call it."""

    def known(self, patients: Patients) -> FloatArray:
        return told_by(cohorts_of_the_callers(), patients)


class SearchesMemory(Helped):
    """Find the outcome that was poisoned last among all objects of the process."""

    def known(self, patients: Patients) -> FloatArray:
        cohorts = [one for one in gc.get_objects() if isinstance(one, Cohort)]
        return told_by(iter(sorted(cohorts, key=lambda one: -one.outcome.time.max())), patients)


class RemembersIdentifiers(Helped):
    """Keep the times of all patients it was ever trained on, in the class."""

    seen: ClassVar[dict[str, float]] = {}

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self.seen.update(zip(train.patients.ids.tolist(), train.outcome.time.tolist(), strict=True))

    def known(self, patients: Patients) -> FloatArray:
        return -np.log([self.seen.get(identifier, 1.0) for identifier in patients.ids.tolist()])


class RemembersFaces(Helped):
    """The same by what stands in the clinical table."""

    seen: ClassVar[dict[tuple[object, ...], float]] = {}

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        super().fit(train, validation, context)
        self.seen.update(zip(self._faces(train.patients), train.outcome.time.tolist(), strict=True))

    def known(self, patients: Patients) -> FloatArray:
        return -np.log([self.seen.get(face, 1.0) for face in self._faces(patients)])

    @staticmethod
    def _faces(patients: Patients) -> list[tuple[object, ...]]:
        return list(patients.table().blanked().frame.itertuples(index=False, name=None))


class KnowsThemByName(Helped):
    """A table of outcomes by identifier that came with the method."""

    table: ClassVar[dict[str, float]] = {}

    def known(self, patients: Patients) -> FloatArray:
        if not self.table:
            cohort = contract_cohort()
            self.table.update(zip(cohort.patients.ids.tolist(), cohort.outcome.time.tolist(), strict=True))
        return -np.log([self.table.get(identifier, 1.0) for identifier in patients.ids.tolist()])


class ReadsTheNumberInTheName(Helped):
    """Take patients with a high number for recruited late, and therefore followed for a short time."""

    def known(self, patients: Patients) -> FloatArray:
        numbers = [int("".join(filter(str.isdigit, name.rpartition("-")[2]))) for name in patients.ids.tolist()]
        return np.array(numbers) / 1000.0


class ScalesLargeBatches(Helped):
    """Centre the risks of the patients it is asked for together, if they are many."""

    def known(self, patients: Patients) -> FloatArray:
        ages = patients.table().blanked().frame["age"].fillna(60.0).to_numpy()
        return np.full(len(ages), ages.mean() / 100.0 if len(ages) >= 100 else 0.0)
