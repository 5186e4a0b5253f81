"""Drawn cohorts whose truth is known."""
