"""A perceptron on the vectors of all modalities, side by side."""

from methods.concat_net.method import ConcatNet, Config

__all__ = ["ConcatNet", "Config"]
