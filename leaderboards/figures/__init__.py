"""Figures of boards and comparisons, for publications: PDF and PNG in one style."""
