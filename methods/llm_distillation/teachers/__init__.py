"""Who says what the student is to write: survival probabilities at fixed horizons, each with a reason."""

from methods.llm_distillation.teachers.answers import TeacherAnswers

__all__ = ["TeacherAnswers"]
