"""The mean of unimodal risks."""

from methods.fusion_average.method import Config, FusionAverage

__all__ = ["Config", "FusionAverage"]
