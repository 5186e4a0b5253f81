"""The teacher ``file`` on a file of stored answers: whoever gave them, they stand there by patient and horizon."""

from collections import Counter

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Patients
from methods.llm_distillation.horizons import MONTHS
from methods.llm_distillation.teachers.answers import TeacherAnswers, clipped
from methods.llm_distillation.teachers.statements import Statement, read_statements


class AnswerFileTeacher:
    """Looks up stored answers by the patients' identifiers; the mean of several models is the probability.

    Nothing is fitted, and no identifier reaches the student. What cannot be used is left out and counted:

    ``unparseable``, ``out_of_range``, ``refused``
        Statements without a probability in [0, 1].
    ``duplicates``
        Statements that stand there a second time.
    ``contradictory``
        Patients and horizons of which one model says two different probabilities: none of them counts.
    ``others_in_file``
        Patients of the file who are not among those that are asked about: of another part of the split, or unknown.
    ``corrected``
        Patients whose probabilities rose with time, and were lowered.

    Parameters
    ----------
    path : str
        As of ``read_statements``.
    """

    def __init__(self, path: str) -> None:
        self.statements = read_statements(path)
        models = sorted({statement.model for statement in self.statements if statement.model})
        name = path.rpartition("@")[0] or path
        self.label = f"file: {', '.join(models) or name.rpartition('/')[2]}"

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:  # noqa: ARG002  # 2026-11-26: as every teacher
        """Return the answers for the training patients.

        Raises
        ------
        UsageError
            If the file has no probability for any of them.
        """
        self._per_month = MONTHS[train.time_unit]
        said = self.answers(train.patients)
        if not said.answered.any():
            raise UsageError(
                f"the teacher's file ({self.label.removeprefix('file: ')}) has no probability for any training "
                "patient: its identifiers must be those of the dataset"
            )
        return said

    def answers(self, patients: Patients) -> TeacherAnswers:
        """Return the answers for n patients, at all horizons that the file has for any of them."""
        rows = {str(patient): row for row, patient in enumerate(patients.ids)}
        asked = [statement for statement in self.statements if statement.patient in rows]
        said, notes = _counted(asked)
        months = sorted({statement.months for statement in said} or {statement.months for statement in self.statements})
        sums = np.zeros((len(patients), len(months)))
        counts = np.zeros_like(sums)
        for statement in said:
            assert isinstance(statement.probability, float)
            place = rows[statement.patient], months.index(statement.months)
            sums[place] += statement.probability
            counts[place] += 1
        mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        falling, corrected = clipped(mean)
        answered = int((~np.isnan(falling).all(axis=1)).sum())
        return TeacherAnswers(
            np.array(months) * self._per_month,
            falling,
            _rationales(said, rows, falling),
            self.label,
            {
                "answered": float(answered),
                "unanswered": float(len(patients) - answered),
                "others_in_file": float(len({one.patient for one in self.statements} - rows.keys())),
                "corrected": float(corrected),
                **notes,
            },
        )


def _counted(asked: list[Statement]) -> tuple[list[Statement], dict[str, float]]:
    """Return the statements that count, and how many do not, by why."""
    unusable = Counter(statement.probability for statement in asked if isinstance(statement.probability, str))
    usable = [statement for statement in asked if isinstance(statement.probability, float)]
    by_place: dict[tuple[str, float, str], list[Statement]] = {}
    for statement in usable:
        by_place.setdefault((statement.patient, statement.months, statement.model), []).append(statement)
    agreeing = {
        place: same for place, same in by_place.items() if len({statement.probability for statement in same}) == 1
    }
    notes = {name: float(unusable[name]) for name in ("unparseable", "out_of_range", "refused")}
    notes["duplicates"] = float(sum(len(same) - 1 for same in agreeing.values()))
    notes["contradictory"] = float(len(by_place) - len(agreeing))
    return [same[0] for same in agreeing.values()], notes


def _rationales(said: list[Statement], rows: dict[str, int], probabilities: FloatArray) -> tuple[str | None, ...]:
    """Return the first rationale of each patient that stands beside a probability that counts."""
    rationales: list[str | None] = [None] * len(probabilities)
    for statement in said:
        row = rows[statement.patient]
        rationales[row] = rationales[row] or statement.rationale or None
    return tuple(rationales)
