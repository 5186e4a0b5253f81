"""Piecewise constant hazards on the clinical table."""

from methods.pc_hazard.method import Config, PCHazard

__all__ = ["Config", "PCHazard"]
