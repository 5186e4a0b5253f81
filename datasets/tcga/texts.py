"""Texts of TCGA patients: pathology reports, their summaries, and the rationales of teacher models."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Texts

from ..readers.outcome_sentences import without_outcome
from .tables import PATIENT, read_strings, require_known, require_unique

REPORTS = "tcga/reports.csv.gz"
MODEL_TEXTS = "tcga/llm_text.csv.gz"

# Who wrote the summary: model, and the kind of text it stands under in the file. Never two of them in one cohort.
REFINERS = {
    "gpt-4o-mini-2024-07-18": ("report_summary", "gpt-4o-mini-2024-07-18"),
    "Llama-3.1-8B-Instruct": ("report_summary", "Llama-3.1-8B-Instruct"),
    "Llama-3.1-8B-Instruct, corrected": ("report_summary_human_corrected", "Llama-3.1-8B-Instruct"),
}
TEACHERS = ("gpt-4o-2024-08-06", "mistral-large-2402", "Meta-Llama-3-70B-Instruct")


def report_texts(root: Path, ids: Sequence[str], known: frozenset[str]) -> Texts:
    """Return the pathology reports of patients, without the sentences that reveal the outcome.

    Raises
    ------
    UsageError
        If the file is damaged, or a patient stands there twice or is unknown.
    """
    path = root / REPORTS
    frame = read_strings(path, [PATIENT, "text"])
    return _filtered(path, frame, ids, known)


def summaries(root: Path, refiner: str, ids: Sequence[str], known: frozenset[str]) -> Texts | None:
    """Return the summaries of one refiner, filtered as the reports are, or None if nobody has one.

    Raises
    ------
    UsageError
        If there is no such refiner.
    """
    if refiner not in REFINERS:
        raise UsageError(f"refiner {refiner!r}: TCGA has summaries by {'; '.join(REFINERS)}")
    kind, model = REFINERS[refiner]
    path = root / MODEL_TEXTS
    frame = _model_texts(path, kind, model)
    return None if frame is None else _some(_filtered(path, frame, ids, known))


def rationales(root: Path, teacher: str, ids: Sequence[str], known: frozenset[str]) -> Texts | None:
    """Return the survival rationales of one teacher model as they stand, or None if nobody has one.

    They speak of survival by design: the teacher guessed it from the report, stage, age and sex, and never saw the
    outcome.

    Raises
    ------
    UsageError
        If there is no such teacher.
    """
    if teacher not in TEACHERS:
        raise UsageError(f"teacher {teacher!r}: TCGA has rationales by {', '.join(TEACHERS)}")
    path = root / MODEL_TEXTS
    frame = _model_texts(path, "prognosis_rationale", teacher)
    if frame is None:
        return None
    text_of = _text_of(path, frame, known)
    return _some(Texts(tuple(text_of.get(patient, "") for patient in ids)))


def _model_texts(path: Path, kind: str, model: str) -> pd.DataFrame | None:
    if not path.exists():
        return None
    frame = read_strings(path, [PATIENT, "kind", "model", "text"])
    return frame[(frame["kind"] == kind) & (frame["model"] == model)]


def _text_of(path: Path, frame: pd.DataFrame, known: frozenset[str]) -> dict[str, str]:
    patients = frame[PATIENT].tolist()
    require_unique(path, patients)
    require_known(path, patients, known)
    return dict(zip(patients, frame["text"], strict=True))


def _filtered(path: Path, frame: pd.DataFrame, ids: Sequence[str], known: frozenset[str]) -> Texts:
    text_of = _text_of(path, frame, known)
    return Texts(without_outcome([text_of.get(patient, "") for patient in ids]))


def _some(texts: Texts) -> Texts | None:
    return texts if texts.present.any() else None
