"""A method of another package that needs expression data."""

from methods.cox_ph.method import CoxPH


class NeedsRna(CoxPH):
    """Never run on a dataset without expression."""
