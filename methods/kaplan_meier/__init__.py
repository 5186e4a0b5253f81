"""Kaplan-Meier: the curve of the training patients for everybody."""

from methods.kaplan_meier.method import Config, KaplanMeier

__all__ = ["Config", "KaplanMeier"]
