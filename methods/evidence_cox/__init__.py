"""Block ridge Cox model with penalties by marginal likelihood."""

from methods.evidence_cox.method import BlockCox, Config

__all__ = ["BlockCox", "Config"]
