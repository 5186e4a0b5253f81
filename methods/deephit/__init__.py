"""DeepHit for a single risk."""

from methods.deephit.method import Config, DeepHit

__all__ = ["Config", "DeepHit"]
