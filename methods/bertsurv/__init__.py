"""BERTSurv: clinical notes by a language encoder, beside measurements, in one network."""

from methods.bertsurv.config import Config
from methods.bertsurv.method import BertSurv

__all__ = ["BertSurv", "Config"]
