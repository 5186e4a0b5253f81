"""A self-normalising network on a molecular table."""

from methods.snn_omics.method import Config, SNNOmics

__all__ = ["Config", "SNNOmics"]
