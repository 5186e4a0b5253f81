"""Texts of TCGA patients: pathology reports, their summaries, and the rationales of teacher models."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
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
RATIONALE = "prognosis_rationale"
TEACHERS = ("gpt-4o-2024-08-06", "mistral-large-2402", "Meta-Llama-3-70B-Instruct")
EVERY_TEACHER = "all"

# The years that the teachers were asked about, of each cancer type: the mean disease-specific survival time that their
# prompt gave. It is the commonest number of years in the rationales of the type.
ASKED_YEARS = {
    "ACC": 3.98, "BLCA": 2.24, "BRCA": 3.49, "CHOL": 2.35, "COAD": 2.2, "ESCA": 1.59, "HNSC": 2.53, "KICH": 4.85,
    "KIRC": 3.55, "KIRP": 3.03, "LIHC": 2.37, "LUAD": 2.48, "LUSC": 2.62, "MESO": 1.78, "PAAD": 1.59, "READ": 2.1,
    "SKCM": 1.43, "STAD": 1.54, "TGCT": 3.82, "THCA": 3.43, "UVM": 2.11,
}  # fmt: skip


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
    outcome. Of ``all`` teachers the rationales stand one below the other, each behind a line such as
    ``### gpt-4o-2024-08-06: survival beyond 2.24 years``.

    Raises
    ------
    UsageError
        If there is no such teacher, or it is not known what all of them were asked about a cancer type.
    """
    if teacher not in (*TEACHERS, EVERY_TEACHER):
        raise UsageError(f"teacher {teacher!r}: TCGA has rationales by {', '.join((*TEACHERS, EVERY_TEACHER))}")
    path = root / MODEL_TEXTS
    if teacher != EVERY_TEACHER:
        frame = _model_texts(path, RATIONALE, teacher)
        text_of = {} if frame is None else _text_of(path, frame, known)
    else:
        text_of = _of_every_teacher(path, known)
    return _some(Texts(tuple(text_of.get(patient, "") for patient in ids)))


def _of_every_teacher(path: Path, known: frozenset[str]) -> dict[str, str]:
    """Return the rationales of all teachers by patient, each behind a line that tells teacher and question."""
    texts: dict[str, list[str]] = {}
    if not path.exists():
        return {}
    cancers = dict(read_strings(path, [PATIENT, "cancer"]).to_numpy())
    for teacher in TEACHERS:
        frame = _model_texts(path, RATIONALE, teacher)
        assert frame is not None, "the file is there"
        for patient, text in _text_of(path, frame, known).items():
            cancer = cancers[patient]
            if cancer not in ASKED_YEARS:
                raise UsageError(f"{path.name}: patient {patient}: of {cancer!r} no question to the teachers is known")
            asked = f"### {teacher}: survival beyond {ASKED_YEARS[cancer]:g} years"
            texts.setdefault(patient, []).append(f"{asked}\n{text}")
    return {patient: "\n\n".join(parts) for patient, parts in texts.items()}


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
    left, removed = without_outcome([text_of.get(patient, "") for patient in ids])
    return Texts(left, outcome_sentences=np.array(removed))


def _some(texts: Texts) -> Texts | None:
    return texts if texts.present.any() else None
