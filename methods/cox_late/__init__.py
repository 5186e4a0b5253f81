"""Late fusion: a Cox model of the risks of unimodal Cox models."""

from methods.cox_late.method import Config, CoxLate

__all__ = ["Config", "CoxLate"]
