"""A method of another package that draws figures of its own."""

from methods.cox_ph.method import CoxPH


class DrawsFigures(CoxPH):
    """Cox's model under another name."""
