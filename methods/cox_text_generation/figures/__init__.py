"""Figures of stored predictions; apart from the method, so that drawing otherwise makes no cell stale."""

from methods.cox_text_generation.figures.calibration import draw_calibration
from methods.cox_text_generation.figures.geometry import LatentGeometry, latent_geometry
from methods.cox_text_generation.figures.latent_map import draw_latent_map
from methods.cox_text_generation.figures.stored_cell import draw

__all__ = ["LatentGeometry", "draw", "draw_calibration", "draw_latent_map", "latent_geometry"]
