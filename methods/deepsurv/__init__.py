"""DeepSurv: Cox regression with a neural network."""

from methods.deepsurv.method import Config, DeepSurv

__all__ = ["Config", "DeepSurv"]
