"""Survival curves through what a teacher said at its horizons, and the teacher as a row of its own."""

from collections.abc import Callable

import numpy as np

from benchmarks.types import FloatArray, Prediction
from methods.llm_distillation.teachers.answers import TeacherAnswers, clipped

# Times up to the last horizon on which the risk is computed, whatever times a curve is asked for.
RISK_TIMES = 201


def survival_through(answers: TeacherAnswers, times: FloatArray) -> FloatArray:
    """Return curves that pass through every probability the teacher said: the hazard is constant in between.

    The logarithm of S falls on straight lines from S(0) = 1 through the horizons, and behind the last one at the mean
    hazard up to it. Of a single probability that is the exponential curve. The student's text is read by a fitted
    exponential curve, which has one number; a teacher is judged by what it said, so none of its numbers is fitted away.

    Parameters
    ----------
    answers : TeacherAnswers
        Of n patients; horizons without a statement are passed over.
    times : array, shape (T,)
        From 0 on, in the unit of the horizons.

    Returns
    -------
    array, shape (n, T)
        NaN for patients of whom the teacher said nothing.
    """
    curves = np.full((len(answers), len(times)), np.nan)
    for row in np.flatnonzero(answers.answered):
        known = ~np.isnan(answers.probabilities[row])
        knots = np.concatenate([[0.0], answers.horizons[known]])
        hazards = np.concatenate([[0.0], -np.log(answers.probabilities[row, known])])
        cumulative = np.interp(times, knots, hazards)
        behind = times > knots[-1]
        cumulative[behind] = hazards[-1] * times[behind] / knots[-1]
        curves[row] = np.exp(-cumulative)
    return curves


def restated(answers: TeacherAnswers, horizons: FloatArray) -> TeacherAnswers:
    """Return the answers at other horizons: what the curve through each patient's own ones has there.

    So teachers that were asked at different times of different patients teach a student of fixed horizons. At a
    horizon that the teacher answered the probability stays; elsewhere it rests on the constant hazard.
    """
    probabilities, _ = clipped(survival_through(answers, horizons))
    return TeacherAnswers(horizons, probabilities, answers.rationales, answers.label, answers.notes)


def teacher_prediction(
    answers: TeacherAnswers, times: FloatArray, stand_in: Callable[[FloatArray], FloatArray]
) -> Prediction:
    """Return the teacher's own prediction, a row to set beside its student's.

    The risk is minus the mean time lived up to the last horizon. What the teacher did not say is not parseable: the
    scores of the other patients then stand beside those of all.

    Parameters
    ----------
    answers : TeacherAnswers
        Of n patients.
    times : array, shape (T,)
        Where the curves are asked for.
    stand_in : callable
        Gives the curve of a patient without an answer at k times, shape (k,): the Kaplan-Meier curve of the training
        patients, ``metrics.kaplan_meier(time, event).at``.

    Returns
    -------
    Prediction
        Its texts are the rationales, its diagnostics the teacher's notes, each after the word ``teacher``.
    """
    own_times = np.linspace(0.0, float(answers.horizons[-1]), RISK_TIMES)
    risk = Prediction.from_curves(own_times, _curves(answers, own_times, stand_in)).risk
    return Prediction(
        risk,
        times,
        _curves(answers, times, stand_in),
        texts=tuple(words or "" for words in answers.rationales),
        parseable=answers.answered,
        diagnostics={f"teacher_{name}": value for name, value in answers.notes.items()},
    )


def _curves(answers: TeacherAnswers, times: FloatArray, stand_in: Callable[[FloatArray], FloatArray]) -> FloatArray:
    curves = survival_through(answers, times)
    curves[~answers.answered] = stand_in(times)
    return curves
