"""ABMIL: gated attention over the instances of a bag, and a Cox head."""

from methods.abmil.method import ABMIL, Config

__all__ = ["ABMIL", "Config"]
