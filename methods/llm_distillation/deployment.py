"""A student at work: curve and explanation of each patient as JSON, and what a patient costs."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.types import FloatArray, Patients
from methods.llm_distillation.fitted import FittedStudent
from methods.llm_distillation.target_text import REASON

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Cost:
    """What n patients, read one by one, cost.

    Parameters
    ----------
    patients : int
        n.
    hidden_seconds, text_seconds : float
        Seconds a patient: for the curve of the hidden state, and for the text beside it.
    model_megabytes : float
        Of the weights and buffers.
    grown_megabytes : float
        Most by which the memory of the process was above that before the first patient, as looked at behind each step.
    """

    patients: int
    hidden_seconds: float
    text_seconds: float
    model_megabytes: float
    grown_megabytes: float


def as_json(fitted: FittedStudent, patients: Patients, times: Sequence[float] | FloatArray) -> str:
    """Return curve and explanation of n patients as a JSON text: a list with an object for each.

    ``patient``, ``times``, ``survival`` (the combined curve), ``hidden_survival``, ``verbalized_survival`` (null where
    nothing could be read), ``stated`` (the probabilities by horizon, such as "12m"), ``text`` word for word, and
    ``explanation``, what of it stands behind "Reason:".
    """
    grid = np.asarray(times, dtype=np.float64)
    said = fitted.says(fitted.student.read(patients))
    hidden = fitted.hidden_survival(said, grid)
    found: list[dict[str, Any]] = []
    for row, patient in enumerate(patients.ids):
        entry: dict[str, Any] = {
            "patient": str(patient),
            "times": grid.tolist(),
            "survival": _rounded(hidden[row]),
            "hidden_survival": _rounded(hidden[row]),
            "verbalized_survival": None,
            "stated": None,
            "text": said.texts[row] if said.texts else None,
            "explanation": None,
        }
        found.append(entry)
    if said.parsed is not None:
        spoken, combined = fitted.spoken_survival(said, grid), fitted.combined_survival(said, grid)
        for row in np.flatnonzero(said.parsed.parseable).tolist():
            stated = dict(zip(fitted.horizons.named, _rounded(said.parsed.probabilities[row]), strict=True))
            found[row] |= {
                "survival": _rounded(combined[row]),
                "verbalized_survival": _rounded(spoken[row]),
                "stated": stated,
                "explanation": said.texts[row].partition(REASON)[2].strip() or None,
            }
    return json.dumps(found)


def write_json(fitted: FittedStudent, patients: Patients, times: Sequence[float] | FloatArray, path: Path) -> None:
    """Write ``as_json`` into a file."""
    path.write_text(as_json(fitted, patients, times))


def measured_cost(fitted: FittedStudent, patients: Patients) -> Cost:
    """Read n patients one by one, with and without text, and measure time and memory.

    Each is read alone, without padding: what is said may differ from what is said among others in the last digits. The
    first patient is read once before, unmeasured: libraries are loaded then.

    Raises
    ------
    ValueError
        If there is no patient.
    """
    n = len(patients.ids)
    if not n:
        raise ValueError("there is no patient to measure")
    process, student = psutil.Process(), fitted.student
    usual = student.together, student.length
    student.together, student.length = 1, 0
    writes = student.config.text_loss
    fitted.says(student.read(patients[[0]]), writes=writes)
    before = most = process.memory_info().rss
    seconds = {False: 0.0, True: 0.0}
    for row in range(n):
        for with_text in (False, True) if writes else (False,):
            start = time.perf_counter()
            fitted.says(student.read(patients[[row]]), writes=with_text)
            seconds[with_text] += time.perf_counter() - start
            most = max(most, process.memory_info().rss)
    student.together, student.length = usual
    state = student.network.state_dict().values()
    return Cost(
        patients=n,
        hidden_seconds=seconds[False] / n,
        text_seconds=max(0.0, seconds[True] - seconds[False]) / n if writes else 0.0,
        model_megabytes=sum(value.numel() * value.element_size() for value in state) / 1e6,
        grown_megabytes=max(0, most - before) / 1e6,
    )


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
