"""Ridge Cox on the vectors of all modalities, side by side."""

from methods.cox_concat.method import Config, CoxConcat

__all__ = ["Config", "CoxConcat"]
