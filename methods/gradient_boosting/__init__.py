"""Gradient boosting of the partial likelihood."""

from methods.gradient_boosting.method import Config, GradientBoosting

__all__ = ["Config", "GradientBoosting"]
