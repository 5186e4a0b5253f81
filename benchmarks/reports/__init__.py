"""Descriptions and figures of datasets and of cells."""
