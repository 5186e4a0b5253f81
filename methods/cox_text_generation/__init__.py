"""Cox-supervised text generation: a language model writes the risk a Cox model assigns."""

from methods.cox_text_generation.config import Config
from methods.cox_text_generation.method import CoxTextGeneration

__all__ = ["Config", "CoxTextGeneration"]
