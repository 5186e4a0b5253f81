"""SurvPath: pathways and the instances of a bag attend to each other, but instances not among themselves."""

from methods.survpath.config import Config
from methods.survpath.method import SurvPath

__all__ = ["Config", "SurvPath"]
