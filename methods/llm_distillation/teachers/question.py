"""What a language model is asked about a patient, and what is read in its answer."""

import re
from typing import Literal, TypeAlias

import numpy as np

from benchmarks.types import FloatArray, Patients
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.outcome_sentences import without_outcome
from methods.llm_distillation.target_text import REASON, SURVIVAL
from methods.llm_distillation.teachers.reasons import covariate_lines

# What became of a sample: probabilities were read; two different ones stand at one horizon; one is above 100 %; the
# model will not say; there is nothing to read.
Outcome: TypeAlias = Literal["read", "contradictory", "out_of_range", "refused", "unparseable"]

REPORT = "<report>"
"""Stands in a question for the report, which is cut to the room that the rest leaves."""

QUESTION = (
    "Estimate how likely the patient described below is to be alive {spoken} after diagnosis. Answer with one line in "
    f"exactly this form, with your numbers for NN:\n{SURVIVAL} {{form}}. {REASON} one or two sentences.\n\n{{facts}}"
)
_REFUSAL = re.compile(r"\b(?:cannot|can't|unable|not able|not possible|impossible|as an ai)\b", re.IGNORECASE)
# Words for the two units in which horizons are told, longest first.
_WORDS = {"m": r"(?:months?|mos?|m)", "d": r"(?:days?|d)"}


def questions(patients: Patients, horizons: Horizons, text: str) -> list[tuple[str, str]]:
    """Return for each of n patients the question, with ``REPORT`` where the report belongs, and the report.

    Nothing but the patient's covariates (the table ``clinical``) and report is told; a patient without either is asked
    about all the same. Sentences of a report that tell the outcome are taken out.

    Parameters
    ----------
    patients : Patients
        Whom to ask about.
    horizons : Horizons
        What they are called.
    text : str
        The modality of the reports.
    """
    n = len(patients)
    reports = [""] * n
    if text in patients.modalities:
        texts = patients.texts(text)
        said = [report if there else "" for report, there in zip(texts.texts, texts.present, strict=True)]
        reports = list(without_outcome(said)[0])
    covariates = covariate_lines(patients.table("clinical")) if "clinical" in patients.modalities else [""] * n
    return [
        (_question(horizons, covariate, REPORT if report.strip() else ""), report)
        for covariate, report in zip(covariates, reports, strict=True)
    ]


def read_answer(text: str, horizons: Horizons) -> tuple[Outcome, FloatArray]:
    """Return what became of a sample, and its J probabilities, NaN where a horizon is not stated.

    A statement is the horizon, then within the next words a number of percent: "12m 80%", "12 months: 80 %",
    "the 12-month survival is about 80%". What stands behind ``Reason:`` is not looked at.
    """
    said = np.full(len(horizons.numbers), np.nan)
    numbers = text.partition(REASON)[0]
    for place, number in enumerate(horizons.numbers):
        pattern = rf"(?<![\d.]){number}[ -]?{_WORDS[horizons.letter]}\b[^%\d]{{0,40}}?(\d{{1,4}}(?:\.\d+)?) ?%"
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


def _question(horizons: Horizons, covariates: str, report: str) -> str:
    facts = [f"Data: {covariates}." if covariates else "", f"Report: {report}" if report else ""]
    told = "\n".join(filter(None, facts)) or "Nothing is known of the patient."
    form = ", ".join(f"{name} NN%" for name in horizons.named)
    return QUESTION.format(spoken=horizons.spoken, form=form, facts=told)
