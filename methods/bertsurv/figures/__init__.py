"""Figures of stored predictions; apart from the method, so that drawing otherwise makes no cell stale."""

from methods.bertsurv.figures.stored_cell import draw

__all__ = ["draw"]
