"""Who says what the student is to write: survival probabilities at fixed horizons, each with a reason."""

from methods.llm_distillation.teachers.answer_file import AnswerFileTeacher
from methods.llm_distillation.teachers.answers import TeacherAnswers
from methods.llm_distillation.teachers.curves import restated, survival_through, teacher_prediction
from methods.llm_distillation.teachers.horizons import HorizonRule, horizons_of
from methods.llm_distillation.teachers.statements import pinned_file
from methods.llm_distillation.teachers.stored_texts import StoredTextTeacher
from methods.llm_distillation.teachers.surrogate import SurrogateSettings, SurrogateTeacher
from methods.llm_distillation.teachers.teacher import Teacher

__all__ = [
    "AnswerFileTeacher",
    "HorizonRule",
    "StoredTextTeacher",
    "SurrogateSettings",
    "SurrogateTeacher",
    "Teacher",
    "TeacherAnswers",
    "horizons_of",
    "pinned_file",
    "restated",
    "survival_through",
    "teacher_prediction",
]
