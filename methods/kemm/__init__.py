"""KEMM: reports and prognostic background knowledge look at slides and genes."""

from methods.kemm.config import Config
from methods.kemm.method import KEMM

__all__ = ["KEMM", "Config"]
