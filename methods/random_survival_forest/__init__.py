"""Random survival forest."""

from methods.random_survival_forest.method import Config, RandomSurvivalForest

__all__ = ["Config", "RandomSurvivalForest"]
