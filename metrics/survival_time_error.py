"""Error of a predicted survival time."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_train_and_outcome
from metrics.checks import FloatArray, finite_vector
from metrics.errors import UndefinedError
from metrics.estimates import Influence
from metrics.outcome import PreparedOutcome
from metrics.product_limit import KaplanMeier
from metrics.results import MeanLoss


@on_train_and_outcome
def mean_absolute_error(
    outcome: PreparedOutcome,
    predicted_time: ArrayLike,
    *,
    censored: Literal["uncensored", "hinge", "margin", "pseudo_observation"] = "margin",
) -> MeanLoss:
    r"""Mean absolute error of predicted survival times, by the way censored patients enter.

    .. math:: \frac{\sum_i w_i\, |e_i - \hat t_i|}{\sum_i w_i}

    An event has :math:`e_i = T_i` and weight 1. A censored patient enters

    - ``"uncensored"``: not at all;

    - ``"hinge"``: with weight 1 and the error :math:`\max(T_i - \hat t_i, 0)`;

    - ``"margin"``: with :math:`e_i = T_i + \int_{T_i}^\infty S(u)\,du / S(T_i)` and weight
      :math:`1 - S(T_i)`;

    - ``"pseudo_observation"``: with :math:`e_i = (m+1)\,\theta_{+i} - m\,\theta` and weight
      :math:`1 - S(T_i)`, where :math:`\theta` is the mean survival time of the m train patients and
      :math:`\theta_{+i}` that after adding patient i.

    S is the Kaplan-Meier estimate of the train fold. Where it does not reach 0 it falls, after the last train
    time, along the line from (0, 1) through its last point; its area is exact.

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,)
        Outcome of the train fold.
    time, event : array-like, shape (n,)
        Outcome of the patients scored. One `PreparedOutcome` may stand in place of these four.
    predicted_time : array-like, shape (n,)
        Predicted survival times, finite, in the unit of `time`.
    censored : {"uncensored", "hinge", "margin", "pseudo_observation"}
        How censored patients enter.

    Returns
    -------
    MeanLoss
        In the unit of `time`. The interval takes the train fold as given.

    Raises
    ------
    UndefinedError
        If no patient has an event, or the train fold has none where it is needed.
    ValueError
        If `censored` is none of the above, or an input is not valid.

    References
    ----------
    Haider, Hoehn, Davis and Greiner (2020), JMLR 21, section 3.2 and appendix B.2 (hinge, margin). Qi et al.
    (2023), An effective meaningful way to evaluate survival models, ICML, section 3.6 (pseudo-observation).

    Examples
    --------
    The events are predicted with errors 1, 1 and 2. The patient censored at 4 is expected to live until
    4 + (1 * 0.75 + 2 * 0.375) / 0.75 = 6 by the Kaplan-Meier estimate, and enters with the error 3 and the weight
    1 - 0.75.

    >>> from metrics import mean_absolute_error
    >>> time, event, predicted = [2, 4, 5, 7], [1, 0, 1, 1], [3, 9, 4, 9]
    >>> round(mean_absolute_error(time, event, time, event, predicted).value, 4), round((4 + 0.75) / 3.25, 4)
    (1.4615, 1.4615)
    >>> mean_absolute_error(time, event, time, event, predicted, censored="hinge").value
    1.0
    """
    predicted = finite_vector(predicted_time, "predicted_time", len(outcome))
    time, event = outcome.time, outcome.event
    if not event.any():
        raise UndefinedError("no patient has an event, so no survival time is known")
    error = time - predicted
    weight = np.ones(time.size)
    if censored == "uncensored":
        weight = event.astype(np.float64)
    elif censored == "hinge":
        error = np.where(event, error, np.maximum(error, 0.0))
    elif censored in ("margin", "pseudo_observation"):
        curve = _ExtendedCurve(outcome.train_survival, outcome.train_time.size)
        best_guess = curve.mean_beyond if censored == "margin" else curve.pseudo_observation
        expected = time.copy()
        expected[~event] = best_guess(time[~event])
        error = expected - predicted
        weight[~event] = 1.0 - curve.at(time[~event])
    else:
        raise ValueError(f"censored is {censored!r}, expected 'uncensored', 'hinge', 'margin' or 'pseudo_observation'")
    loss = np.abs(error)
    value = float(weight @ loss / weight.sum())
    return MeanLoss(
        value=value,
        influence=Influence(weight * (loss - value) * (weight.size / weight.sum())),
        events=int(np.count_nonzero(event)),
    )


class _ExtendedCurve:
    """A Kaplan-Meier estimate with a straight tail to 0, and the areas under it."""

    def __init__(self, estimate: KaplanMeier, patients: int) -> None:
        self.patients = patients
        self.times = np.concatenate(([0.0], estimate.times))
        self.survival = np.concatenate(([1.0], estimate.survival))
        if self.survival[-1] == 1.0:
            raise UndefinedError("no patient of the train fold has an event, so no survival time is known")
        # What the estimate would be if one more patient had been at risk throughout.
        self.diluted = np.concatenate(([1.0], np.cumprod(1.0 - estimate.events / (estimate.at_risk + 1))))
        steps = np.diff(self.times)
        self.area_after = np.append(np.cumsum((self.survival[:-1] * steps)[::-1])[::-1], 0.0)
        self.diluted_before = np.concatenate(([0.0], np.cumsum(self.diluted[:-1] * steps)))

    @property
    def last(self) -> float:
        """End of the train fold's follow-up."""
        return float(self.times[-1])

    def at(self, time: FloatArray) -> FloatArray:
        """Value at each time, the tail included."""
        steps = self.survival[np.searchsorted(self.times, time, side="right") - 1]
        slope = (1.0 - self.survival[-1]) / self.last
        return np.where(time > self.last, np.maximum(1.0 - slope * time, 0.0), steps)

    def _area_beyond(self, time: FloatArray) -> FloatArray:
        """Area under the curve from each time on."""
        step = np.searchsorted(self.times, time, side="right") - 1
        following = np.minimum(step + 1, self.times.size - 1)
        within = self.area_after[following] + self.survival[step] * (self.times[following] - time)
        zero = self.last / (1.0 - self.survival[-1])
        tail = 0.5 * self.survival[-1] * (zero - self.last)
        beyond = 0.5 * self.at(time) * np.maximum(zero - time, 0.0)
        return np.asarray(np.where(time > self.last, beyond, within + tail))

    def mean_beyond(self, time: FloatArray) -> FloatArray:
        """Mean survival time of those who survive each time; the time itself where nobody does."""
        survival = self.at(time)
        area = self._area_beyond(time)
        return time + np.divide(area, survival, out=np.zeros(time.size), where=survival > 0)

    def pseudo_observation(self, time: FloatArray) -> FloatArray:
        """Pseudo-observation of the mean survival time of a patient censored at each time."""
        mean = float(self._area_beyond(np.zeros(1))[0])
        step = np.searchsorted(self.times, time, side="right") - 1
        before = self.diluted_before[step] + self.diluted[step] * (time - self.times[step])
        # After the patient's censoring the hazards are those of the train fold again.
        inside = time < self.last
        following = np.minimum(step + 1, self.times.size - 1)
        scale = np.divide(self.diluted[step], self.survival[step], out=np.zeros(time.size), where=inside)
        after = self.area_after[following] + self.survival[step] * (self.times[following] - time)
        ending = np.where(inside, scale * self.survival[-1], self.diluted[step])
        last = np.maximum(time, self.last)
        tail = 0.5 * ending * (last / (1.0 - ending) - last)
        with_patient = before + np.where(inside, scale * after, 0.0) + tail
        return np.asarray((self.patients + 1) * with_patient - self.patients * mean)
