"""Mean of two block ridge Cox models, with boosted trees beside."""

from methods.evidence_ensemble.method import Config, EvidenceEnsemble

__all__ = ["Config", "EvidenceEnsemble"]
