"""What every teacher is: two functions and a name."""

from typing import Protocol

from benchmarks.types import Cohort, Context, Patients
from methods.llm_distillation.teachers.answers import TeacherAnswers


class Teacher(Protocol):
    """Who answers for patients; nobody's own outcome is behind an answer."""

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:
        """Learn of the training patients, if there is anything to learn, and return the answers for these.

        A teacher that is fitted answers for a training patient by a model that has not seen that patient.

        Raises
        ------
        UsageError
            If the teacher cannot answer for any of them.
        """

    def answers(self, patients: Patients) -> TeacherAnswers:
        """Return the answers for other patients; ``fit`` comes first."""
