"""MCAT: gene families choose the instances of a bag, transformers and gated attention pool both."""

from methods.mcat.config import Config
from methods.mcat.method import MCAT

__all__ = ["MCAT", "Config"]
