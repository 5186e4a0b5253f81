"""A bag pooled by attention, and products of low rank of each two modalities, for a Cox model."""

from methods.abmil_bilinear.config import Config
from methods.abmil_bilinear.method import ABMILBilinear

__all__ = ["ABMILBilinear", "Config"]
