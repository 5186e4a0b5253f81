"""What a language model is asked about a patient, and what is read in its answer."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from benchmarks.types import FloatArray, Patients
from methods.llm_distillation.teachers.horizons import UNITS_PER_MONTH
from methods.llm_distillation.teachers.reasons import covariate_lines

# What became of a sample: probabilities were read; two different ones stand at one horizon; one is above 100 %; the
# model will not say; there is nothing to read.
Outcome: TypeAlias = Literal["read", "contradictory", "out_of_range", "refused", "unparseable"]

REPORT = "<report>"
"""Stands in a question for the report, which is cut to the room that the rest leaves."""

QUESTION = (
    "Estimate how likely the patient described below is to be alive {spoken} after diagnosis. Answer with one line in "
    "exactly this form, with your numbers for NN:\nSurvival: {form}. Reason: one or two sentences.\n\n{facts}"
)
REASON = "Reason:"
_REFUSAL = re.compile(r"\b(?:cannot|can't|unable|not able|not possible|impossible|as an ai)\b", re.IGNORECASE)
# Words for the two units in which horizons are told, longest first.
_WORDS = {"m": r"(?:months?|mos?|m)", "d": r"(?:days?|d)"}
_DAYS_PER_MONTH = UNITS_PER_MONTH["days"]


@dataclass(frozen=True, slots=True)
class Asked:
    """J horizons in whole months, or in days where months would fall together.

    Parameters
    ----------
    numbers : tuple of int, length J
        How many.
    letter : {"m", "d"}
        Of which.
    """

    numbers: tuple[int, ...]
    letter: Literal["m", "d"]

    @classmethod
    def of(cls, horizons: FloatArray, time_unit: str) -> "Asked":
        """Return how horizons in a cohort's unit are asked for."""
        months = horizons / UNITS_PER_MONTH[time_unit]
        whole = np.round(months).astype(int)
        if whole[0] >= 1 and (np.diff(whole) > 0).all():
            return cls(tuple(map(int, whole)), "m")
        return cls(tuple(max(1, round(month * _DAYS_PER_MONTH)) for month in months), "d")

    def form(self) -> str:
        """Return the form of an answer: ``12m NN%, 36m NN%``."""
        return ", ".join(f"{number}{self.letter} NN%" for number in self.numbers)

    def spoken(self) -> str:
        """Return the horizons in words: ``12, 36 and 60 months``."""
        *first, last = map(str, self.numbers)
        return f"{', '.join(first)} and {last}".removeprefix(" and ") + {"m": " months", "d": " days"}[self.letter]


def questions(patients: Patients, asked: Asked, text: str) -> list[tuple[str, str]]:
    """Return for each of n patients the question, with ``REPORT`` where the report belongs, and the report.

    Nothing but the patient's covariates (the table ``clinical``) and report is told; a patient without either is asked
    about all the same.

    Parameters
    ----------
    patients : Patients
        Whom to ask about.
    asked : Asked
        The horizons.
    text : str
        The modality of the reports.
    """
    n = len(patients)
    reports = [""] * n
    if text in patients.modalities:
        texts = patients.texts(text)
        reports = [said if there else "" for said, there in zip(texts.texts, texts.present, strict=True)]
    covariates = covariate_lines(patients.table("clinical")) if "clinical" in patients.modalities else [""] * n
    return [
        (_question(asked, covariate, REPORT if report.strip() else ""), report)
        for covariate, report in zip(covariates, reports, strict=True)
    ]


def read_answer(text: str, asked: Asked) -> tuple[Outcome, FloatArray]:
    """Return what became of a sample, and its J probabilities, NaN where a horizon is not stated.

    A statement is the horizon, then within the next words a number of percent: "12m 80%", "12 months: 80 %",
    "the 12-month survival is about 80%". What stands behind ``Reason:`` is not looked at.
    """
    said = np.full(len(asked.numbers), np.nan)
    numbers = text.partition(REASON)[0]
    for place, number in enumerate(asked.numbers):
        pattern = rf"(?<![\d.]){number}[ -]?{_WORDS[asked.letter]}\b[^%\d]{{0,40}}?(\d{{1,4}}(?:\.\d+)?) ?%"
        found = {float(percent) for percent in re.findall(pattern, numbers, re.IGNORECASE)}
        if len(found) > 1:
            return "contradictory", np.full_like(said, np.nan)
        if found and max(found) > 100:
            return "out_of_range", np.full_like(said, np.nan)
        if found:
            said[place] = found.pop() / 100
    if not np.isnan(said).all():
        return "read", said
    return "refused" if _REFUSAL.search(text) else "unparseable", said


def reason_in(text: str) -> str | None:
    """Return what stands behind ``Reason:`` on one line, None if nothing does."""
    return " ".join(text.partition(REASON)[2].split()) or None


def _question(asked: Asked, covariates: str, report: str) -> str:
    facts = [f"Data: {covariates}." if covariates else "", f"Report: {report}" if report else ""]
    told = "\n".join(filter(None, facts)) or "Nothing is known of the patient."
    return QUESTION.format(spoken=asked.spoken(), form=asked.form(), facts=told)
