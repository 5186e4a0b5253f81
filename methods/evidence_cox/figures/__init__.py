"""Figures of stored predictions; apart from the method, so that drawing otherwise makes no cell stale."""

from methods.evidence_cox.figures.stored_cell import draw

__all__ = ["draw"]
