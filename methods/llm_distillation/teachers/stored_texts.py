"""The teacher ``file`` on a dataset's own texts: language models asked once whether a patient outlives a time."""

from collections import Counter

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Patients
from methods.llm_distillation.horizons import MONTHS
from methods.llm_distillation.teachers.answers import TeacherAnswers, clipped
from methods.llm_distillation.teachers.verdicts import StoredAnswer, agreement, reason_of, stored_answers

MODALITY = "rationale"


class StoredTextTeacher:
    """Reads the yes/no answers of several models in the modality ``rationale``; their agreement is the probability.

    Nothing is fitted: an answer depends on the patient's own texts alone. They come with the patients, as every other
    modality does, so no identifier is looked up; a student must not read the modality itself.

    Parameters
    ----------
    models : tuple of str
        Whose answers count; everybody's if empty.
    smoothing : float
        s of ``verdicts.agreement``.
    sentences : int
        Sentences of the rationale, 0 for a whole text. It is by the first model that says what most say; where as many
        say yes as no, by the first that says either.
    """

    def __init__(self, models: tuple[str, ...] = (), smoothing: float = 1.0, sentences: int = 2) -> None:
        self.models, self.smoothing, self.sentences = models, smoothing, sentences

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:  # noqa: ARG002  # 2026-11-26: as every teacher
        """Return the answers for the training patients, each at the time that was asked about.

        Raises
        ------
        UsageError
            If the modality is not there, or no training patient has an answer that can be read.
        """
        self._per_year = 12 * MONTHS[train.time_unit]
        said = self.answers(train.patients)
        if not said.answered.any():
            raise UsageError(
                f"no training patient has an answer of the file teacher in {MODALITY!r}: with TCGA data set the "
                "dataset's option teacher=all"
            )
        return said

    def answers(self, patients: Patients) -> TeacherAnswers:
        """Return the answers for n patients; the horizons are all that anybody of them was asked about."""
        if MODALITY not in patients.modalities:
            raise UsageError(f"the file teacher reads the modality {MODALITY!r}, which these patients do not have")
        texts = patients.texts(MODALITY)
        of_patients = [
            self._counted(text) if present else [] for text, present in zip(texts.texts, texts.present, strict=True)
        ]
        years = sorted({answer.years for answers in of_patients for answer in answers})
        # Nobody was asked anything: one horizon without an answer.
        horizons = np.array(years or [1.0]) * self._per_year
        probabilities = np.full((len(patients), len(horizons)), np.nan)
        rationales: list[str | None] = []
        for row, answers in enumerate(of_patients):
            for place, at in enumerate(years):
                found = agreement([answer for answer in answers if answer.years == at], self.smoothing)
                probabilities[row, place] = np.nan if found is None else found
            rationales.append(self._rationale(answers))
        falling, corrected = clipped(probabilities)
        verdicts = Counter(answer.verdict for answers in of_patients for answer in answers)
        notes = {
            "answered": float((~np.isnan(falling).all(axis=1)).sum()),
            "unanswered": float(np.isnan(falling).all(axis=1).sum()),
            **{name: float(verdicts[name]) for name in ("refused", "contradictory", "unparseable")},
            "corrected": float(corrected),
        }
        models = sorted({answer.model for answers in of_patients for answer in answers})
        return TeacherAnswers(horizons, falling, tuple(rationales), f"file: {', '.join(models)}", notes)

    def _counted(self, text: str) -> list[StoredAnswer]:
        answers = stored_answers(text)
        return [answer for answer in answers if not self.models or answer.model in self.models]

    def _rationale(self, answers: list[StoredAnswer]) -> str | None:
        says = [answer for answer in answers if answer.verdict in ("yes", "no")]
        if not says:
            return None
        counts = Counter(answer.verdict for answer in says)
        most = max(counts.values())
        first = next(answer for answer in says if counts[answer.verdict] == most)
        return reason_of(first.text, self.sentences) or None
