"""Who says what the student is to write: survival probabilities at fixed horizons, each with a reason."""

from methods.llm_distillation.teachers.answers import TeacherAnswers
from methods.llm_distillation.teachers.horizons import HorizonRule, horizons_of
from methods.llm_distillation.teachers.surrogate import SurrogateSettings, SurrogateTeacher
from methods.llm_distillation.teachers.teacher import Teacher

__all__ = ["HorizonRule", "SurrogateSettings", "SurrogateTeacher", "Teacher", "TeacherAnswers", "horizons_of"]
