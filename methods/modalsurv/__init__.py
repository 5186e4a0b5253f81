"""ModalSurv: attention between modalities, a gate, and a distribution over intervals of time."""

from methods.modalsurv.config import Config
from methods.modalsurv.method import ModalSurv

__all__ = ["Config", "ModalSurv"]
