"""Cohorts that ship with scikit-survival."""
