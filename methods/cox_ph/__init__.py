"""Ridge-penalised Cox regression."""

from methods.cox_ph.method import Config, CoxPH

__all__ = ["Config", "CoxPH"]
