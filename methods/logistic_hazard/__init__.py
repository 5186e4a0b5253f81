"""Logistic hazard: discrete-time hazards by a neural network."""

from methods.logistic_hazard.method import Config, LogisticHazard

__all__ = ["Config", "LogisticHazard"]
