"""Clinical Cox, and a network of the other modalities that may correct it."""

from methods.residual_net.method import Config, ResidualNet

__all__ = ["Config", "ResidualNet"]
