"""Cox-Time: a neural relative risk that depends on time."""

from methods.cox_time.method import Config, CoxTime

__all__ = ["Config", "CoxTime"]
