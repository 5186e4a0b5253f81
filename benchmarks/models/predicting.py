"""What a saved model says of patients, as a table or as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import metrics
from benchmarks.errors import UsageError
from benchmarks.execution.fold import checked_prediction
from benchmarks.models.folder import SavedModel
from benchmarks.models.reads import About
from benchmarks.models.threads import limited_threads
from benchmarks.types import FloatArray, Patients, Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What is said of n patients.

    Parameters
    ----------
    patients : list of n str
        Their identifiers.
    prediction : Prediction
        At the times of the protocol's grid.
    times : array, shape (T,)
        Times at which curves are wanted.
    horizons : array, shape (H,)
        Times up to which the risk of the event is wanted.
    """

    patients: list[str]
    prediction: Prediction
    times: FloatArray
    horizons: FloatArray

    def survival(self) -> FloatArray | None:
        """Return the curves at ``times``, shape (n, T); None if the method has none."""
        return self._at(self.times)

    def event_by(self) -> FloatArray | None:
        """Return the probability of the event up to each of ``horizons``, shape (n, H)."""
        found = self._at(self.horizons)
        return None if found is None else 1.0 - found

    def texts(self) -> Sequence[str] | None:
        """Return what the method writes of each patient, in its main prediction or the first variant that has words."""
        rows = self.prediction.rows().values()
        return next((row.texts for row in rows if row.texts is not None), None)

    def _at(self, times: FloatArray) -> FloatArray | None:
        # A step function, as it is scored; at the times of the grid these are its own values.
        if self.prediction.survival is None:
            return None
        found: FloatArray = metrics.interpolate_steps(self.prediction.times, self.prediction.survival, times)
        return found


def answer(
    model: SavedModel, about: About, patients: Patients, times: Sequence[float], horizons: Sequence[float], threads: int
) -> Answer:
    """Predict n patients, on the protocol's grid; so the risk is the one that is scored.

    Parameters
    ----------
    model : SavedModel
        Loaded.
    about : About
        What is known of it.
    patients : Patients
        As ``conform`` returns them.
    times, horizons : sequence of float
        Empty for the protocol's grid and its horizon.
    threads : int
        How many are used.

    Raises
    ------
    UsageError
        If a time lies beyond the horizon of the protocol.
    """
    grid = np.array(about.times)
    for time in (*times, *horizons):
        if not 0 <= time <= about.horizon:
            raise UsageError(f"time {time:g}: the model predicts up to {about.horizon:g} {about.time_unit}")
    with limited_threads(threads):
        prediction = checked_prediction(model.method, patients, grid)
    return Answer(
        patients.ids.tolist(),
        prediction,
        np.unique(np.array(times)) if times else grid,
        np.unique(np.array(horizons)) if horizons else grid[-1:],
    )


def as_csv(said: Answer) -> str:
    """Return a row per patient: risk, ``event_by@TIME``, ``survival@TIME`` and, where it writes, ``text``."""
    survival, event_by, texts = said.survival(), said.event_by(), said.texts()
    header = ["patient", "risk"]
    columns = [said.prediction.risk[:, None]]
    if survival is not None and event_by is not None:
        header += [f"event_by@{time!r}" for time in said.horizons.tolist()]
        header += [f"survival@{time!r}" for time in said.times.tolist()]
        columns += [event_by, survival]
    values = np.concatenate(columns, axis=1).tolist()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, *(["text"] if texts is not None else [])])
    for row, patient in enumerate(said.patients):
        words = [texts[row]] if texts is not None else []
        writer.writerow([patient, *(repr(value) for value in values[row]), *words])
    return text.getvalue()


def as_json(said: Answer, model: SavedModel, about: About, notes: Sequence[str]) -> str:
    """Return what the model is, what is to be noted of the input, and an object per patient."""
    survival, event_by, texts = said.survival(), said.event_by(), said.texts()
    patients = []
    for row, patient in enumerate(said.patients):
        entry: dict[str, object] = {"patient": patient, "risk": float(said.prediction.risk[row])}
        if survival is not None and event_by is not None:
            by = zip(said.horizons.tolist(), event_by[row].tolist(), strict=True)
            entry |= {"event_by": {repr(time): value for time, value in by}, "survival": survival[row].tolist()}
        if texts is not None:
            entry["text"] = texts[row]
        patients.append(entry)
    known = {"method": model.name, "dataset": about.dataset, "endpoint": about.endpoint, "fitted_on": about.fitted_on}
    content = {"model": known, "time_unit": about.time_unit, "times": said.times.tolist(), "notes": list(notes)}
    return json.dumps({**content, "patients": patients}, indent=1)
