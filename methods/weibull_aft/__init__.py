"""Weibull accelerated failure time regression."""

from methods.weibull_aft.method import Config, WeibullAFT

__all__ = ["Config", "WeibullAFT"]
