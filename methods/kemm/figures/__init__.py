"""Figures of stored predictions; apart from the method, so that drawing otherwise makes no cell stale."""

from methods.kemm.figures.stored_cell import draw

__all__ = ["draw"]
