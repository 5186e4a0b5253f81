"""Cox-supervised text generation: a language model writes the risk a Cox model assigns."""

from methods.cox_text_generation.method import Config, CoxTextGeneration

__all__ = ["Config", "CoxTextGeneration"]
