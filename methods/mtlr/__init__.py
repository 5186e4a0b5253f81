"""Multi-task logistic regression."""

from methods.mtlr.method import MTLR, Config

__all__ = ["MTLR", "Config"]
