"""Curves recalibrated on the validation part: what calibration a method lacks is the difference between two rows.

Cox recalibration (van Houwelingen, Stat Med 19:3401-3415, 2000): the method's log cumulative hazard at the end of the
grid, z = log(-log S(tau)), is the only covariate of a Cox model of the validation patients. Its slope says how far the
predictions are too extreme (below 1) or too timid, its baseline how the hazard runs in time.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.types import FloatArray, Outcome, Prediction
from metrics.cox import fit_cox

# A curve at 0 or 1 by the end of the grid has no log cumulative hazard. It takes that of the smallest probability, and
# of the largest one below 1, that a network in single precision can tell from them.
SMALLEST, LARGEST = 1e-38, 1 - 1e-7

NO_SLOPE = "the slope of recalibration is not above 0: all patients get the curve of the validation part"


class RecalibrationError(ValueError):
    """There is nothing to recalibrate, or nothing to do it on."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """What turns the curves of a method into recalibrated ones.

    Parameters
    ----------
    slope : float
        Of z, at least 0.
    centre : float
        The z that the baseline refers to.
    times, hazard : arrays, shape (k,)
        Event times of the validation part, and the cumulative baseline hazard at each of them. Between them it rises
        evenly, from 0 at time 0, and after the last it stays: steps would make all patients equal before the first.
    """

    slope: float
    centre: float
    times: FloatArray
    hazard: FloatArray

    def of(self, prediction: Prediction) -> Prediction:
        """Return a prediction of n patients with recalibrated curves and everything else as it is, its risk too.

        Raises
        ------
        RecalibrationError
            If it has no curves.
        """
        grid = prediction.times
        baseline = np.interp(grid, np.concatenate(([0.0], self.times)), np.concatenate(([0.0], self.hazard)))
        relative = np.exp(self.slope * (_log_hazard(prediction) - self.centre))
        return replace(prediction, survival=np.exp(-relative[:, None] * baseline))


def recalibration_on(validation: Prediction, outcome: Outcome) -> Recalibration:
    """Fit slope and baseline (ties: Efron's and Breslow's) on the validation part.

    The slope is the maximum of the partial likelihood among those that are not below 0: a recalibration does not turn
    round who is at risk. Where it is 0, a warning says so, and all patients have one curve.

    Parameters
    ----------
    validation : Prediction
        What the method says of n validation patients.
    outcome : Outcome
        Of the same patients.

    Raises
    ------
    RecalibrationError
        If the prediction has no curves, or no patient has an event.
    UndefinedError
        If the slope has no finite maximum.
    """
    z = _log_hazard(validation)
    if outcome.n_events == 0:
        raise RecalibrationError("recalibration: no patient of the validation part has an event")
    # By time, events before censorings (metric convention 1).
    order = np.lexsort((~outcome.event, outcome.time))
    time, event, centred = outcome.time[order], outcome.event[order], z[order] - z.mean()
    # Where all have the same curve there is no slope to be fitted: the baseline alone is new.
    slope = float(fit_cox(time, event, centred[:, None]).coefficients[0]) if np.ptp(centred) > 0 else 1.0
    if slope <= 0:
        warnings.warn(NO_SLOPE, stacklevel=2)
        slope = 0.0
    times, deaths = np.unique(time[event], return_counts=True)
    at_risk = np.cumsum(np.exp(slope * centred)[::-1])[::-1]
    hazard = np.cumsum(deaths / at_risk[np.searchsorted(time, times, side="left")])
    return Recalibration(slope, float(z.mean()), times, hazard)


def recalibrated(predictions: Mapping[str, Prediction], outcome: Outcome) -> dict[str, Prediction]:
    """Return the predictions of all parts with curves recalibrated on the validation part, variants each by itself.

    Parameters
    ----------
    predictions : mapping of str to Prediction
        By part, ``validation`` among them. A variant without curves stays without.
    outcome : Outcome
        Of the validation patients.

    Raises
    ------
    RecalibrationError, UndefinedError
        As ``recalibration_on``.
    """
    validation = predictions["validation"]
    found = recalibration_on(validation, outcome)
    of_variants = {
        name: recalibration_on(row, outcome) for name, row in validation.variants.items() if row.survival is not None
    }
    made = {}
    for part, prediction in predictions.items():
        variants = {
            name: of_variants[name].of(row) if name in of_variants else row for name, row in prediction.variants.items()
        }
        made[part] = replace(found.of(prediction), variants=variants)
    return made


def _log_hazard(prediction: Prediction) -> FloatArray:
    """Return z of n patients, shape (n,)."""
    if prediction.survival is None:
        raise RecalibrationError("recalibration: the method has no curves")
    at_end = np.clip(prediction.survival[:, -1], SMALLEST, LARGEST)
    return np.asarray(np.log(-np.log(at_end)))
